// What a keyring holds, wherever it is stored. It has three slots, so that a key can be replaced while
// several processes run: `next` is accepted before anybody signs with it, `primary` signs, and
// `fallback` is accepted until the last token that it signed has expired.
import { createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { isStrong, secretBytes } from '#app/platform/strong-secret.ts';

const slots = ['next', 'primary', 'fallback'] as const;

const Key = z.strictObject({ secret: z.base64url(), createdAt: z.iso.datetime() });

const StoredRing = z.strictObject({
  version: z.literal(1),
  next: Key.nullable(),
  primary: Key,
  fallback: z
    .strictObject({ ...Key.shape, retireAt: z.iso.datetime().nullable().default(null) })
    .nullable(),
  sessionsToEnd: z.hex().nullable().default(null),
});

export interface RingKey {
  /** Names the key in a token's header; says nothing about its secret. */
  readonly kid: string;
  readonly secret: Buffer;
  readonly createdAt: Date;
}

export interface Ring {
  readonly next: RingKey | null;
  readonly primary: RingKey;
  /** From `retireAt` on it is accepted no more; null while it may still be signed with. */
  readonly fallback: (RingKey & { readonly retireAt: Date | null }) | null;
  /** Name of the key that an emergency brought, until the sessions from before it have all ended. */
  readonly sessionsToEnd: string | null;
}

/** The keyring cannot be used. The message says why and what to do, and holds no secret. */
export class KeyringError extends Error {
  override readonly name = 'KeyringError';
}

export function newKey(now: Date): RingKey {
  const secret = randomBytes(secretBytes);
  return { kid: kidOf(secret), secret, createdAt: now };
}

/** A ring with one fresh key. */
export function newRing(now: Date): Ring {
  return { next: null, primary: newKey(now), fallback: null, sessionsToEnd: null };
}

/**
 * Reads a ring from its stored form.
 *
 * @param place where it is stored, for the message
 * @throws KeyringError where it is damaged, or one of its secrets is too weak
 */
export function parseRing(place: string, text: string): Ring {
  const { next, primary, fallback, sessionsToEnd } = parseStored(place, text);
  for (const slot of slots) {
    const key = { next, primary, fallback }[slot];
    if (key !== null) refuseWeak(place, slot, key.secret);
  }
  return {
    next: next && keyFrom(next),
    primary: keyFrom(primary),
    fallback: fallback && {
      ...keyFrom(fallback),
      retireAt: fallback.retireAt === null ? null : new Date(fallback.retireAt),
    },
    sessionsToEnd,
  };
}

/** The stored form of a ring. It holds the secrets. */
export function formatRing({ next, primary, fallback, sessionsToEnd }: Ring): string {
  const stored: z.input<typeof StoredRing> = {
    version: 1,
    next: next && storedKey(next),
    primary: storedKey(primary),
    fallback: fallback && {
      ...storedKey(fallback),
      retireAt: fallback.retireAt?.toISOString() ?? null,
    },
    ...(sessionsToEnd !== null && { sessionsToEnd }),
  };
  return `${JSON.stringify(stored, null, 2)}\n`;
}

/** A ring as it may be shown: names and times, and no secret. */
export function presentRing({ next, primary, fallback, sessionsToEnd }: Ring) {
  const { kid, createdAt } = primary;
  return {
    next: next && { kid: next.kid, createdAt: next.createdAt },
    primary: { kid, createdAt },
    fallback: fallback && {
      kid: fallback.kid,
      createdAt: fallback.createdAt,
      retireAt: fallback.retireAt,
    },
    sessionsToEnd: sessionsToEnd !== null,
  };
}

/** Names of the keys whose tokens are accepted at that time, the one that signs first. */
export function acceptedKids({ next, primary, fallback }: Ring, now: Date): string[] {
  const waiting = next === null ? [] : [next.kid];
  const leaving = fallback === null || isRetired(fallback, now) ? [] : [fallback.kid];
  return [primary.kid, ...waiting, ...leaving];
}

/** Whether the time of a key is over. */
export function isRetired({ retireAt }: { readonly retireAt: Date | null }, now: Date): boolean {
  return retireAt !== null && retireAt <= now;
}

function parseStored(place: string, text: string): z.infer<typeof StoredRing> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // Not passed on as the cause: a JSON error quotes what it could not read.
    throw new KeyringError(`The keyring ${place} is not JSON. Restore it from a backup.`);
  }
  const result = StoredRing.safeParse(content);
  if (result.success) return result.data;
  const places = result.error.issues.map((issue) => issue.path.join('.') || 'its top level');
  throw new KeyringError(`The keyring ${place} is damaged at ${places.join(', ')}.`);
}

function refuseWeak(place: string, slot: string, secret: string): void {
  if (isStrong(secret)) return;
  throw new KeyringError(
    `The ${slot} key of ${place} is too weak: it takes ${secretBytes} random bytes. Make a new keyring: move this one away and run npm run keys -- init`,
  );
}

function keyFrom({ secret, createdAt }: z.infer<typeof Key>): RingKey {
  const raw = Buffer.from(secret, 'base64url');
  return { kid: kidOf(raw), secret: raw, createdAt: new Date(createdAt) };
}

function storedKey({ secret, createdAt }: RingKey): z.input<typeof Key> {
  return { secret: secret.toString('base64url'), createdAt: createdAt.toISOString() };
}

function kidOf(secret: Buffer): string {
  return createHmac('sha256', secret).update('kid').digest('hex').slice(0, 16);
}
