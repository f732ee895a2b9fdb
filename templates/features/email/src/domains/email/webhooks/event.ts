import { z } from 'zod';
import { Email } from '#app/domains/auth/schemas.ts';
import { malformedRequest } from '#app/http/errors.ts';
import type { SuppressionReason } from '#app/platform/email/suppressions.ts';

/** What speaks against addresses, and when that happened. */
export interface AgainstAddresses {
  readonly addresses: readonly string[];
  readonly reason: SuppressionReason;
  readonly happenedAt: Date;
}

const AnyEvent = z.object({ type: z.string().max(100) });

/** https://resend.com/docs/webhooks/event-types */
const event = <Type extends string, More extends z.ZodRawShape>(type: Type, more: More) =>
  z.object({
    type: z.literal(type),
    created_at: z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
    data: z.object({ to: z.array(Email).min(1), ...more }),
  });

const HandledEvent = z.discriminatedUnion('type', [
  event('email.bounced', { bounce: z.object({ type: z.string() }) }),
  event('email.complained', {}),
  // Resend has not sent it: the address is on a list of its own.
  event('email.suppressed', {}),
]);
type HandledEvent = z.infer<typeof HandledEvent>;

const handled = new Set<string>(HandledEvent.options.map(({ shape }) => shape.type.value));

/**
 * Reads what an event of Resend says against addresses.
 *
 * @returns nothing where it says nothing, as of a mail that has arrived, or bounced for now
 * @throws malformed_request where it is no event
 */
export function readEvent(payload: Buffer): AgainstAddresses | undefined {
  const json = parseJson(payload.toString());
  const { data: any } = AnyEvent.safeParse(json);
  if (any === undefined) throw noEvent();
  if (!handled.has(any.type)) return undefined;

  const { data: known } = HandledEvent.safeParse(json);
  if (known === undefined) throw noEvent();
  const reason = reasonOf(known);
  if (reason === undefined) return undefined;
  return { addresses: known.data.to, reason, happenedAt: known.created_at };
}

function reasonOf(known: HandledEvent): SuppressionReason | undefined {
  switch (known.type) {
    case 'email.bounced':
      // A full mailbox, or one that is away for now, is another type.
      return known.data.bounce.type === 'Permanent' ? 'bounce' : undefined;
    case 'email.complained':
      return 'complaint';
    case 'email.suppressed':
      return 'refused';
  }
}

function noEvent() {
  return malformedRequest({ detail: 'This is no event of Resend.' });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
