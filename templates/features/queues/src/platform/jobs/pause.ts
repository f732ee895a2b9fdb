/**
 * How long a job waits before its next attempt: four times as long each time, up to an hour, give or
 * take a fifth, so that not all that failed together come back together.
 *
 * @param backoff seconds before the second attempt
 * @param attempts how many have failed
 * @returns seconds
 */
export function pauseBefore(backoff: number, attempts: number): number {
  const seconds = Math.min(3600, backoff * 4 ** (attempts - 1));
  return seconds * (0.8 + Math.random() * 0.4);
}
