import { say } from './local/progress.ts';

/**
 * Runs a command to its exit code. An error that it throws is shown as its sentence alone.
 *
 * @param work gets a signal that is aborted when the command is asked to end: Ctrl-C, a closed
 *   terminal, SIGTERM
 */
export async function runCommand(work: (ending: AbortSignal) => Promise<number>): Promise<void> {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => controller.abort());
  }
  try {
    process.exitCode = await work(controller.signal);
  } catch (error) {
    process.exitCode = controller.signal.aborted ? 130 : 1;
    if (!controller.signal.aborted) say(error instanceof Error ? error.message : String(error));
  }
}
