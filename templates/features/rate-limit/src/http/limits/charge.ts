import type { AppError } from '#app/errors.ts';
import type { Log } from '#app/log.ts';
import type { Limits } from '#app/platform/limits/limits.ts';
import type { Window } from '#app/platform/limits/store.ts';
import type { Sealing } from '#app/platform/sealing.ts';
import { temporarilyUnavailable } from '../errors.ts';
import type { AnswerHeaders, GuardRequest } from '../route.ts';
import type { HttpSettings } from '../settings.ts';
import { callerOf, heldFor, type Held } from './caller.ts';
import { quotaExceeded } from './errors.ts';
import { limitHeaders, secondsLeft, type Standing } from './headers.ts';
import type { Policy } from './policy.ts';

export interface ChargeDeps {
  readonly settings: Pick<HttpSettings, 'TRUST_PROXY_HOPS'>;
  readonly log: Log;
  readonly sealing: Sealing;
  readonly limits: Limits;
}

/**
 * Makes what spends a request's points of some limits, and says in headers what is left of them.
 * Those that were spent of before are in them too.
 */
export function charger({ settings, log, sealing, limits }: ChargeDeps) {
  /** What was counted of a request before its guard. */
  const counted = new WeakMap<GuardRequest, readonly Standing[]>();
  let hasWarned = false;

  /** Behind a proxy whose word is not taken, all the world has one address. */
  function warnOfProxy({ headers }: GuardRequest): void {
    const isForwarded = headers['x-forwarded-for'] !== undefined;
    if (hasWarned || !isForwarded || settings.TRUST_PROXY_HOPS > 0) return;
    hasWarned = true;
    log.warn('a limit by address refuses what a proxy has forwarded: see TRUST_PROXY_HOPS');
  }

  /** @throws quota_exceeded, or temporarily_unavailable where what counts is gone */
  return async (
    policies: readonly Policy[],
    request: GuardRequest,
    identity?: unknown,
  ): Promise<AnswerHeaders> => {
    const caller = callerOf(request, identity);
    const all = await Promise.all(policies.map((policy) => heldFor(policy, caller, sealing)));
    const held = all.filter((each) => each !== undefined);
    const before = counted.get(request) ?? [];
    if (held.length === 0) return limitHeaders(before);

    const { admitted, windows, together } = await limits.spend(held.map(({ bucket }) => bucket));
    const now = held.map((each, index) => standingOf(each, windows[index]));
    const headers = limitHeaders([...before, ...now]);
    counted.set(request, [...before, ...now]);
    if (!admitted) {
      if (identity === undefined) warnOfProxy(request);
      throw exceeded(now, headers);
    }
    if (!together && held.some(({ policy }) => policy.whenGone === 'refuse')) {
      const detail = 'The limit of this route cannot be checked.';
      throw temporarilyUnavailable({ detail, retryAfter: 5, headers });
    }
    return headers;
  };
}

/** What is spent of a limit by now; where that was refused, whether it is this one that was. */
function standingOf({ policy, bucket }: Held, window: Window | undefined): Standing {
  const { points, per, cost } = bucket;
  if (window === undefined) throw new Error(`Nothing was said of the limit ${policy.name}`);
  return { name: policy.name, points, per, window, hasRoom: window.used + cost <= points };
}

function exceeded(standings: readonly Standing[], headers: AnswerHeaders): AppError {
  const violated = standings.filter(({ hasRoom }) => !hasRoom);
  const rules = violated.map(
    ({ name, points, per }) => `The limit “${name}” is ${points} points in ${per} seconds.`,
  );
  return quotaExceeded({
    detail: rules.join(' '),
    retryAfter: Math.max(...violated.map(secondsLeft)),
    headers,
    members: { 'violated-policies': violated.map(({ name }) => name) },
  });
}
