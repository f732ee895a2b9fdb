// The process: settings, start, signals, exit code.
import { loadDotEnv, SettingsError } from './environment.ts';
import { stopTimeout } from './http/server.ts';
import { createLog, type Log } from './log.ts';
import { readSettings, type Settings } from './settings.ts';

/** What a process runs, once it has started. */
export interface Running {
  /** Where it listens, as a URL; nothing where it does not. */
  readonly url: string | undefined;
  /** Finishes what has begun, then closes every part. */
  stop(): Promise<void>;
}

/**
 * Starts something by the settings of the environment, and ends the process when it is told to: with
 * 0 when all that had begun is finished, with 1 where it could not start or stop.
 *
 * @param said what is logged when it has started
 */
export async function runProcess(
  start: (settings: Settings, log: Log) => Promise<Running>,
  said: string,
): Promise<void> {
  loadDotEnv();
  const settings = settingsOrExit();
  const log = createLog(settings);

  try {
    const service = await start(settings, log);

    let stopping = false;
    const stop = async (reason: string, exitCode: number): Promise<void> => {
      if (stopping) return;
      stopping = true;
      log.info({ reason }, 'stopping');
      setTimeout(() => {
        log.error('stopping took too long');
        process.exit(1);
      }, stopTimeout(settings)).unref();
      try {
        await service.stop();
        log.info('stopped');
        process.exit(exitCode);
      } catch (error) {
        log.error({ err: error }, 'stopping failed');
        process.exit(1);
      }
    };

    process.on('SIGTERM', () => void stop('SIGTERM', 0));
    process.on('SIGINT', () => void stop('SIGINT', 0));
    // After an error that nobody handled the state is unknown: stop, and let a fresh process start.
    process.on('uncaughtException', (error) => {
      log.fatal({ err: error }, 'uncaught exception');
      void stop('uncaught exception', 1);
    });
    // Said when it can be told to stop, too.
    log.info({ url: service.url }, said);
  } catch (error) {
    log.fatal({ err: error }, 'the service could not start');
    process.exit(1);
  }
}

function settingsOrExit(): Settings {
  try {
    return readSettings(process.env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
