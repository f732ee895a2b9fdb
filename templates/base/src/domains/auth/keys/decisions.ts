// What may be done to a keyring, given who accepts and signs with what. Pure: nothing is read or
// written here. The order of the steps is what keeps every token good: a key is accepted everywhere
// before anybody signs with it, and until the last token that it signed has expired.
import { acceptedKids, isRetired, type Ring, type RingKey } from './ring.ts';

/** Seconds after which every process that runs has taken over a stored ring: it looks every 5. */
export const settleSeconds = 15;

/**
 * Seconds after which a key that was staged and never signed is not taken up again, but replaced:
 * long enough for a rotation that was killed, and short enough that nobody has carried it away.
 */
const stagedSeconds = 3600;

/**
 * Seconds for which an emergency that did not end is gone on with: long enough to bring a database
 * back. Whoever runs one after that may do so because the key that was made then has leaked.
 */
const emergencySeconds = 3600;

/** The name of an instance, which all processes of one host or unit share. */
export function nameOf(id: string): string {
  return id.split('#', 1)[0] ?? id;
}

/** A process that serves, as its heartbeat says. */
export interface Instance {
  /** Its name, `#`, and what tells it from others of that name. */
  readonly id: string;
  readonly accepts: readonly string[];
  readonly signs: string;
}

/** Who has to know a key before the next step, and the time by their clock. */
export type View = { readonly now: Date } & (
  | { readonly kind: 'nobody' }
  /** There is no database in which instances could be seen, so only time tells. */
  | { readonly kind: 'unseen' }
  | {
      readonly kind: 'seen';
      readonly live: readonly Instance[];
      /** Names of those that must be among the live. */
      readonly named: readonly string[];
    }
);

export interface Refusal {
  /** A sentence for the operator. */
  readonly refused: string;
  /** The instances that are waited for. */
  readonly pending: readonly string[];
  /** When it may be done, where only time has to pass. */
  readonly notBefore?: Date;
}

export type Decision = { readonly ring: Ring } | { readonly unchanged: string } | Refusal;

/**
 * Puts a key beside the one that signs, to be accepted from now on. One that was staged long ago is
 * replaced: it has signed nothing, and whoever has seen the keyring since then has it.
 */
export function decideStage(ring: Ring, fresh: RingKey): Decision {
  const { next } = ring;
  if (next !== null && !isStale(next, fresh.createdAt)) {
    return { unchanged: `The key ${next.kid} is staged already, ${ageOf(next, fresh.createdAt)}.` };
  }
  return { ring: { ...ring, next: fresh } };
}

/** Whether a staged key has waited for too long to be let sign without a thought. */
export function isStale({ createdAt }: RingKey, now: Date): boolean {
  return later(createdAt, stagedSeconds) < now;
}

/** How long ago a key was made, for a reader. */
export function ageOf({ createdAt }: Pick<RingKey, 'createdAt'>, now: Date): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - createdAt.getTime()) / 60_000));
  if (minutes >= 2880) return `${Math.floor(minutes / 1440)} days ago`;
  if (minutes >= 120) return `${Math.floor(minutes / 60)} hours ago`;
  if (minutes === 0) return 'just now';
  return minutes === 1 ? '1 minute ago' : `${minutes} minutes ago`;
}

/**
 * Lets the staged key sign, once everybody accepts it. Where that was done before, nothing is left
 * to do until the key before has retired.
 *
 * @param lifetime seconds for which a token may be accepted, the tolerance for clocks included
 */
export function decidePromotion(ring: Ring, view: View, lifetime: number): Decision {
  const { next, primary, fallback } = ring;
  const leaving = fallback !== null && !isRetired(fallback, view.now) ? fallback : null;
  if (next === null && leaving !== null) {
    return {
      unchanged: `The key ${primary.kid} signs already, and ${leaving.kid} is still accepted.`,
    };
  }
  if (next === null) return refusal('No key is staged: run stage first.');
  if (leaving !== null) return refuseSecond(leaving);

  const accepts = (instance: Instance) => instance.accepts.includes(next.kid);
  const waiting = unsettled(view, next.createdAt, accepts, `accept the key ${next.kid}`);
  if (waiting !== undefined) return waiting;
  // Of those that are seen, the last one to sign with the old key decides: see decideSchedule.
  const retireAt = view.kind === 'seen' ? null : lastToken(view, lifetime);
  return { ring: { ...ring, next: null, primary: next, fallback: { ...primary, retireAt } } };
}

/**
 * Sets the time at which the key before is accepted no more: when everybody signs with the new
 * one, as long as a token is valid from now.
 *
 * @param lifetime seconds for which a token may be accepted, the tolerance for clocks included
 */
export function decideSchedule(ring: Ring, view: View, lifetime: number): Decision {
  const { primary, fallback } = ring;
  if (fallback === null) return { unchanged: 'No key is waiting to retire.' };
  if (fallback.retireAt !== null) {
    return { unchanged: `The key ${fallback.kid} retires at ${fallback.retireAt.toISOString()}.` };
  }
  const signs = (instance: Instance) => instance.signs === primary.kid;
  const waiting = pendingOf(view, signs);
  if (waiting.length > 0) return refuseFor(waiting, `sign with the key ${primary.kid}`);
  return { ring: { ...ring, fallback: { ...fallback, retireAt: lastToken(view, lifetime) } } };
}

/** Takes a key out whose time is over. */
export function decideRetirement(ring: Ring, { now }: View): Decision {
  const { fallback } = ring;
  if (fallback === null) return { unchanged: 'No key is waiting to retire.' };
  if (isRetired(fallback, now)) return { ring: { ...ring, fallback: null } };
  if (fallback.retireAt === null) {
    return refusal(`The key ${fallback.kid} may still be signed with: its end is not set yet.`);
  }
  return {
    ...refusal(
      `Tokens that ${fallback.kid} signed may be valid until ${fallback.retireAt.toISOString()}; it retires then by itself.`,
    ),
    notBefore: fallback.retireAt,
  };
}

/** Whether the ring is as an emergency left it, not long ago, that has not ended the sessions yet. */
export function isUnfinished({ next, primary, fallback, sessionsToEnd }: Ring, now: Date): boolean {
  const isUntouched = sessionsToEnd === primary.kid && next === null && fallback === null;
  return isUntouched && later(primary.createdAt, emergencySeconds) >= now;
}

/**
 * Why not everybody is known to refuse what an emergency dropped, or nothing.
 *
 * @param ring as it is stored now: a rotation may have gone on in it since the emergency
 * @param dropped names of the keys that nobody may accept, whatever ring is stored now
 */
export function decideDropped(
  ring: Ring,
  dropped: readonly string[],
  view: View,
): Refusal | undefined {
  const good = acceptedKids(ring, view.now).filter((kid) => !dropped.includes(kid));
  const accepts = (instance: Instance) => instance.accepts.every((kid) => good.includes(kid));
  return unsettled(view, ring.primary.createdAt, accepts, `refuse all keys but ${good.join(', ')}`);
}

/** What a rotation does next with a ring as it stands; whoever began it. */
export function nextStep(
  { next, fallback }: Ring,
  now: Date,
): 'stage' | 'promote' | 'schedule' | 'retire' | 'none' {
  if (fallback !== null) {
    if (fallback.retireAt === null) return 'schedule';
    if (isRetired(fallback, now)) return 'retire';
    if (next === null) return 'none';
  }
  return next === null || isStale(next, now) ? 'stage' : 'promote';
}

/** Those that are seen and of which it is not true, and those that ought to be seen and are not. */
function pendingOf(view: View, isTrue: (instance: Instance) => boolean): string[] {
  if (view.kind !== 'seen') return [];
  return [
    ...view.live.filter((instance) => !isTrue(instance)).map(({ id }) => id),
    ...notHeardFrom(view).map((name) => `${name} (not heard from)`),
  ];
}

/** Names of those that ought to be seen and are not. */
export function notHeardFrom(view: View): string[] {
  if (view.kind !== 'seen') return [];
  const seen = new Set(view.live.map(({ id }) => nameOf(id)));
  return view.named.filter((name) => !seen.has(name));
}

/** Why not everybody is known to have taken over the ring that was stored then, or nothing. */
function unsettled(
  view: View,
  stored: Date,
  isTrue: (instance: Instance) => boolean,
  what: string,
): Refusal | undefined {
  const waiting = pendingOf(view, isTrue);
  if (waiting.length > 0) return refuseFor(waiting, what);
  const settled = later(stored, settleSeconds);
  if (view.kind !== 'unseen' || settled <= view.now) return undefined;
  return {
    ...refusal(
      `Without DATABASE_URL it cannot be seen who runs; whoever does will ${what} by ${settled.toISOString()}. Where nobody runs, say so: --instances none`,
    ),
    notBefore: settled,
  };
}

function refuseSecond(fallback: { kid: string; retireAt: Date | null }): Refusal {
  const { kid, retireAt } = fallback;
  if (retireAt === null) {
    return refusal(`The key ${kid} has to retire first, and its end is not set yet: run retire.`);
  }
  const sentence = `Tokens that ${kid} signed may be valid until ${retireAt.toISOString()}: no other key can take its place before.`;
  return { ...refusal(sentence), notBefore: retireAt };
}

function refuseFor(pending: readonly string[], what: string): Refusal {
  return refusal(`These do not ${what} yet: ${pending.join(', ')}.`, pending);
}

function refusal(refused: string, pending: readonly string[] = []): Refusal {
  return { refused, pending };
}

/** When the last token that anybody signs with the old key has expired. */
function lastToken(view: View, lifetime: number): Date {
  return later(view.now, lifetime + (view.kind === 'unseen' ? settleSeconds : 0));
}

function later(moment: Date, seconds: number): Date {
  return new Date(moment.getTime() + seconds * 1000);
}
