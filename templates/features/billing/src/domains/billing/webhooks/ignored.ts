import { isLive } from '../stripe.ts';
import type { BillingSettings } from '../settings.ts';
import type { AnyHandler } from './handler.ts';

/** Why nothing is done about an event, as its row has it in `last_error`. */
export const ignoredFor = {
  otherMode: 'It is of the other mode than the key',
  noHandler: 'This version handles no such type',
} as const;

export type IgnoredFor = (typeof ignoredFor)[keyof typeof ignoredFor];

/** Why nothing is done about such an event by this version; nothing where something is. */
export function reasonToIgnore(
  event: { readonly type: string; readonly livemode: boolean },
  { settings, handlers }: { settings: BillingSettings; handlers: readonly AnyHandler[] },
): IgnoredFor | undefined {
  if (event.livemode !== isLive(settings)) return ignoredFor.otherMode;
  if (!handlers.some(({ type }) => type === event.type)) return ignoredFor.noHandler;
  return undefined;
}
