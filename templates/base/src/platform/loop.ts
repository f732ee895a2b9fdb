import type { Log } from '#app/log.ts';

export interface Loop {
  /** Has it run at once, or once more where it is running. */
  wake(): void;
  /** Ends it, when the run that has begun is over. */
  close(): Promise<void>;
}

/**
 * Runs `work` again and again: at once, then after each pause, and when woken. Runs do not overlap.
 * One that fails is logged, the first of several in a row, and the next one comes as ever.
 *
 * @param work gets a signal that is aborted when the loop is being closed
 */
export function startLoop(
  options: {
    /** What it does, for the log. */
    readonly name: string;
    /** Milliseconds from the end of a run to the next. */
    readonly pause: number;
    readonly log: Log;
  },
  work: (closing: AbortSignal) => Promise<void>,
): Loop {
  const { name, pause, log } = options;
  const closing = new AbortController();
  let woken = Promise.withResolvers<void>();
  let failing = false;

  async function run(): Promise<void> {
    try {
      await work(closing.signal);
      if (failing) log.info({ loop: name }, 'a background run works again');
      failing = false;
    } catch (error) {
      if (!failing) log.error({ err: error, loop: name }, 'a background run failed');
      failing = true;
    }
  }

  async function runAll(): Promise<void> {
    while (!closing.signal.aborted) {
      woken = Promise.withResolvers();
      await run();
      const timer = setTimeout(woken.resolve, pause);
      await woken.promise;
      clearTimeout(timer);
    }
  }

  const ended = runAll();
  const wake = (): void => woken.resolve();
  return {
    wake,
    async close() {
      closing.abort();
      wake();
      await ended;
    },
  };
}
