// A Redis of a test's own, which it can kill, freeze and start again.
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { readRecord } from '../../dev/local/record.ts';
import { run } from '../../dev/local/run.ts';
import { waitForExit } from '../../dev/local/processes.ts';
import { privateServer } from '../../dev/local/server.ts';
import { use } from '../../dev/local/service.ts';
import { projectFolder } from '../../dev/project.ts';
import { servers } from '../../dev/servers.ts';
import { temporaryFolder } from './folder.ts';

export interface OwnRedis {
  /** Stays the same over all that is done to it. */
  readonly url: string;
  /** Ends it at once, with all that it held. */
  kill(): Promise<void>;
  /** Starts it again, empty, on the same port. */
  start(): Promise<void>;
  /** Stops it in the middle of whatever it does: it takes connections, and answers nothing. */
  freeze(): Promise<void>;
  /** Has it go on. */
  thaw(): Promise<void>;
  close(): Promise<void>;
}

/** Starts one, of the same program as the private one of `npm run dev`. */
export async function startOwnRedis(): Promise<OwnRedis> {
  const service = privateServer(servers.redis, await folderBesideProject());
  const { url, leave } = await use(service, { command: 'a test' });
  let frozen = false;

  async function signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const running = readRecord(service.folder)?.running;
    if (!running) throw new Error('It was never started.');
    if ('container' in running)
      await run('docker', ['kill', `--signal=${name}`, running.container]);
    else {
      process.kill(running.pid, name);
      if (name === 'SIGKILL') await waitForExit(running, 10_000);
    }
  }

  async function thaw(): Promise<void> {
    await signal('SIGCONT');
    frozen = false;
  }

  return {
    url,
    kill: () => signal('SIGKILL'),
    async start() {
      const again = await service.start(undefined);
      if (again !== url)
        throw new Error(`It came back at another address, since its port is taken.`);
    },
    async freeze() {
      await signal('SIGSTOP');
      frozen = true;
    },
    thaw,
    async close() {
      // Frozen, it would not hear that it is to end.
      if (frozen) await thaw();
      await leave();
    },
  };
}

/** A folder in which nothing has to be fetched that the project has. */
async function folderBesideProject(): Promise<string> {
  const folder = await temporaryFolder();
  const packages = join(projectFolder, '.shipkit/local/packages');
  mkdirSync(packages, { recursive: true });
  mkdirSync(join(folder, '.shipkit/local'), { recursive: true });
  symlinkSync(packages, join(folder, '.shipkit/local/packages'), 'junction');
  return folder;
}
