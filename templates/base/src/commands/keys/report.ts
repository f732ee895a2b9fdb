import type { Refusal, View } from '#app/domains/auth/keys/decisions.ts';
import { isRetired, presentRing, type Ring } from '#app/domains/auth/keys/ring.ts';
import type { Step } from '#app/domains/auth/keys/rotation.ts';
import { CommandError } from '../run.ts';

/** What a command did, and the ring as it stands then. */
export interface Done {
  readonly ring: Ring;
  /** The steps that this run took; none where all of them were taken before. */
  readonly steps?: readonly Step[];
  /** Whether this run replaced the key that signs. */
  readonly rotated?: boolean;
  /** How many sessions were ended; null where that is still to be done. */
  readonly sessionsEnded?: number | null;
}

/** What a command answers that could not do all of its work, with what it did. */
export function refusalWith(
  { refused, pending, notBefore }: Refusal,
  { ring, ...done }: Done,
): CommandError {
  const details = { pending, notBefore: notBefore ?? null, ...done, keys: presentRing(ring) };
  return new CommandError(refused, 'precondition', details);
}

/** Who runs, as far as that can be seen. */
export interface Running {
  readonly view: View;
  /** Ids of those that fell silent without a word. */
  readonly silent: readonly string[];
  /** Names of those that were asked for and do not answer. */
  readonly missing: readonly string[];
  /** Why nobody can be seen, where that was tried. */
  readonly unseen?: string;
}

/** The instances for a program; null where none can be seen. */
export function presentInstances({ view, silent, missing }: Running) {
  return { instances: view.kind === 'seen' ? view.live : null, silent, missing };
}

/** The lines that show where the keys stand. */
export function describe(ring: Ring, { view, silent, missing, unseen }: Running): string {
  const { next, primary, fallback, sessionsToEnd } = ring;
  const lines = [`primary   ${primary.kid}  signs, made ${primary.createdAt.toISOString()}`];
  if (next !== null) lines.push(`next      ${next.kid}  is accepted, and signs nothing yet`);
  if (fallback !== null) {
    lines.push(`fallback  ${fallback.kid}  ${endOf(fallback, view.now)}`);
  }
  if (sessionsToEnd !== null) {
    lines.push('Sessions are still to end: run npm run keys -- rotate --compromised again.');
  }
  if (unseen !== undefined) lines.push(`Instances cannot be seen: ${unseen}`);
  if (view.kind === 'seen') {
    lines.push(view.live.length === 0 ? 'No instance runs.' : 'Instances:');
    for (const { id, accepts, signs } of view.live) {
      lines.push(`  ${id}  signs with ${signs}, accepts ${accepts.join(', ')}`);
    }
  }
  for (const id of silent) lines.push(`  ${id}  fell silent: was it killed, or cut off?`);
  for (const name of missing) lines.push(`  ${name}  was not heard from`);
  return lines.join('\n');
}

function endOf(fallback: NonNullable<Ring['fallback']>, now: Date): string {
  const { retireAt } = fallback;
  if (retireAt === null) return 'is accepted; its end is not set yet';
  return isRetired(fallback, now)
    ? `is refused: its time was over at ${retireAt.toISOString()}`
    : `is accepted until ${retireAt.toISOString()}`;
}
