import { addressRange } from '#app/domains/auth/sign-in/address-range.ts';
import type { Bucket } from '#app/platform/limits/store.ts';
import type { Sealing } from '#app/platform/sealing.ts';
import type { GuardRequest } from '../route.ts';
import type { By, Caller, Policy } from './policy.ts';

/** A limit as it is held for whoever calls. */
export interface Held {
  readonly policy: Policy;
  readonly bucket: Bucket;
}

/** @param identity what the guard has found out, where it was asked */
export function callerOf({ ip }: GuardRequest, identity: unknown): Caller {
  return {
    range: addressRange(ip),
    userId: textIn(identity, 'userId'),
    accountId: textIn(identity, 'accountId'),
  };
}

function textIn(identity: unknown, key: string): string | undefined {
  if (typeof identity !== 'object' || identity === null) return undefined;
  const value: unknown = Reflect.get(identity, key);
  return typeof value === 'string' ? value : undefined;
}

/**
 * The bucket that a call is counted in; none where it may be made any number of times, or is to be
 * counted by an address and has none, as over a Unix socket.
 *
 * @throws Error where it is to be counted by what the guard of the route does not tell
 */
export async function heldFor(
  policy: Policy,
  caller: Caller,
  sealing: Pick<Sealing, 'fingerprint'>,
): Promise<Held | undefined> {
  const { name, per, cost } = policy;
  const names = policy.by.map((by) => nameOf(by, policy, caller));
  if (names.includes(undefined)) return undefined;
  const points = typeof policy.points === 'number' ? policy.points : await policy.points(caller);
  if (points === Infinity) return undefined;
  const key = sealing.fingerprint(`limit: ${name} ${per}`, names.join(' ')).toString('base64url');
  return { policy, bucket: { key, points, per, cost } };
}

function nameOf(by: By, policy: Policy, { range, userId, accountId }: Caller): string | undefined {
  const byRange = range && `ip ${range}`;
  if (by === 'ip') return byRange;
  if (by === 'caller') return accountId === undefined ? byRange : `account ${accountId}`;
  const id = by === 'user' ? userId : accountId;
  if (id !== undefined) return `${by} ${id}`;
  throw new Error(`The limit “${policy.name}” is by ${by}, and the guard of its route names none.`);
}
