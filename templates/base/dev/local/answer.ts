import { setTimeout as delay } from 'node:timers/promises';
import type { Instance } from './kind.ts';

/** Milliseconds in which a server answers, even after a crash that it has to recover from. */
const patience = 60_000;

/**
 * Waits until the server lets the app in.
 *
 * @param isUp whether the server still runs
 * @throws if it ends before, or does not answer in time
 */
export async function waitForAnswer(
  { kind, record }: Instance,
  isUp: () => Promise<boolean>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const deadline = performance.now() + patience;
  for (;;) {
    const refusal = await kind.refusal(record);
    if (!refusal) return;
    if (!(await isUp())) throw new Error('it ended while starting');
    if (performance.now() > deadline) {
      throw new Error(`it did not answer on port ${record.port} in time (${refusal})`);
    }
    await delay(25, undefined, { signal });
  }
}
