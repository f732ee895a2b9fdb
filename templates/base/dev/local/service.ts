// A server that is private to this project and shared by the commands that need it: the first one
// starts it, the last one stops it.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.ts';
import { listUsers, register } from './users.ts';
import type { User } from './users.ts';

export interface Service {
  /** Where everything about it lies. */
  folder: string;
  isRunning(): Promise<boolean>;
  /** Starts it if it does not run, and waits until it answers; gives its URL. */
  start(signal: AbortSignal | undefined): Promise<string>;
  /** Stops it if it runs, and waits until it has ended. */
  stop(): Promise<void>;
  /** Has `release` done by a process of its own. */
  releaseAfterwards(): void;
}

export interface Use {
  url: string;
  /** Ends the use; if nobody else uses the service, it is stopped. */
  leave: () => Promise<void>;
}

export interface UseOptions {
  /** The command, as a person knows it: `npm run dev`. */
  command: string;
  signal?: AbortSignal | undefined;
}

/** Uses the service until `leave` is called or this process ends. */
export async function use(service: Service, { command, signal }: UseOptions): Promise<Use> {
  return locked(service, signal, async () => {
    const unregister = register(usersFolder(service), command);
    try {
      const url = await startFresh(service, signal);
      // An interrupted test run exits at once, with no time left to stop anything.
      const abandon = (): void => {
        unregister();
        service.releaseAfterwards();
      };
      process.once('exit', abandon);
      const leave = async (): Promise<void> => {
        process.off('exit', abandon);
        unregister();
        await release(service);
      };
      return { url, leave };
    } catch (error) {
      unregister();
      throw error;
    }
  });
}

/**
 * Gives the URL of the service. Where it does not run, it is started and left running in the
 * background; where a command uses it, it still ends with the last of those.
 */
export async function keep(service: Service, signal?: AbortSignal): Promise<string> {
  return locked(service, signal, async () => {
    const isUsed = listUsers(usersFolder(service)).length > 0;
    const url = await startFresh(service, signal);
    if (!isUsed) writeFileSync(keptFile(service), '');
    return url;
  });
}

/** Gives the URL of the service where it runs already; it still ends with the last of its users. */
export async function find(service: Service): Promise<string | undefined> {
  if (!existsSync(service.folder)) return undefined;
  return locked(service, undefined, async () =>
    (await service.isRunning()) ? service.start(undefined) : undefined,
  );
}

export interface Stopped {
  /** Whether it ran before. */
  ran: boolean;
  /** Who uses it still: then it was not stopped, and ends with the last of them. */
  users: User[];
}

/** Ends the stay in the background that `keep` began. */
export async function stop(service: Service): Promise<Stopped> {
  return locked(service, undefined, async () => {
    rmSync(keptFile(service), { force: true });
    const ran = await service.isRunning();
    const users = listUsers(usersFolder(service));
    if (ran && users.length === 0) await service.stop();
    return { ran, users };
  });
}

/** Stops the service if nobody uses it and it was not asked to stay. */
export async function release(service: Service): Promise<void> {
  await locked(service, undefined, async () => {
    if (existsSync(keptFile(service)) || listUsers(usersFolder(service)).length > 0) return;
    await service.stop();
  });
}

/** A wish to keep it running ended with the server that it was said of. */
async function startFresh(service: Service, signal: AbortSignal | undefined): Promise<string> {
  if (!(await service.isRunning())) rmSync(keptFile(service), { force: true });
  return service.start(signal);
}

function locked<T>(
  service: Service,
  signal: AbortSignal | undefined,
  action: () => Promise<T>,
): Promise<T> {
  mkdirSync(service.folder, { recursive: true, mode: 0o700 });
  return withLock(join(service.folder, 'lock'), signal, action);
}

const usersFolder = (service: Service): string => join(service.folder, 'users');
const keptFile = (service: Service): string => join(service.folder, 'kept');
