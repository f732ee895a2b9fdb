/**
 * How long to wait before the next attempt: 10 seconds, 40, 160 … up to an hour, give or take a
 * fifth, so that not all that failed together come back together.
 *
 * @param attempts how many have failed
 * @returns seconds
 */
export function backoff(attempts: number): number {
  const seconds = Math.min(3600, 10 * 4 ** (attempts - 1));
  return Math.round(seconds * (0.8 + Math.random() * 0.4));
}
