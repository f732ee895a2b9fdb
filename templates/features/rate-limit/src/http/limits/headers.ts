import type { Window } from '#app/platform/limits/store.ts';
import type { AnswerHeaders } from '../route.ts';

/** A limit as it stands for whoever calls. */
export interface Standing {
  readonly name: string;
  readonly points: number;
  /** Seconds. */
  readonly per: number;
  readonly window: Window;
  /** Whether another call has room in it; for one that was refused, whether that had. */
  readonly hasRoom: boolean;
}

/**
 * `RateLimit-Policy` says how many points (`q`) there are in how many seconds (`w`), `RateLimit` how
 * many are left (`r`) and in how many seconds all are there again (`t`):
 * draft-ietf-httpapi-ratelimit-headers-10.
 */
export function limitHeaders(standings: readonly Standing[]): AnswerHeaders {
  if (standings.length === 0) return {};
  const policies = standings.map(({ name, points, per }) => `"${name}";q=${points};w=${per}`);
  const states = standings.map(
    (standing) => `"${standing.name}";r=${remainingOf(standing)};t=${secondsLeft(standing)}`,
  );
  return { 'RateLimit-Policy': policies.join(', '), RateLimit: states.join(', ') };
}

function remainingOf({ points, window }: Standing): number {
  return Math.max(0, points - window.used);
}

/** Rounded up: who waits so long finds the window over. */
export function secondsLeft({ window }: Standing): number {
  return Math.max(1, Math.ceil(window.left / 1000));
}
