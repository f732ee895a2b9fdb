import { say } from './local/progress.ts';

/** Milliseconds in which a second signal is an echo: npm passes on what the terminal sent to all. */
const echo = 500;

/**
 * Runs a command to its exit code. An error that it throws is shown as its sentence alone.
 *
 * @param work gets a signal that is aborted when the command is asked to end (Ctrl-C, a closed
 *   terminal, SIGTERM), and one that is aborted when it is asked again
 */
export async function runCommand(
  work: (ending: AbortSignal, forced: AbortSignal) => Promise<number>,
): Promise<void> {
  const [ending, forced] = endingSignals();
  try {
    process.exitCode = await work(ending, forced);
  } catch (error) {
    process.exitCode = ending.aborted ? 130 : 1;
    if (!ending.aborted) say(error instanceof Error ? error.message : String(error));
  }
}

function endingSignals(): [AbortSignal, AbortSignal] {
  const ending = new AbortController();
  const forced = new AbortController();
  let first = 0;
  const ask = (): void => {
    if (ending.signal.aborted && performance.now() - first > echo) forced.abort();
    if (ending.signal.aborted) return;
    first = performance.now();
    ending.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, ask);
  // A terminal that was closed cannot be written to; that must not keep the command from tidying.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return [ending.signal, forced.signal];
}
