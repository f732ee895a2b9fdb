// A private development server of a project, under .shipkit/local.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { waitForAnswer } from './answer.ts';
import { findEngines } from './engines.ts';
import type { Instance, ServerKind } from './kind.ts';
import { sayIfSlow } from './progress.ts';
import { newRecord, readRecord, writeRecord } from './record.ts';
import { isUp, shutDown } from './running.ts';
import type { Service } from './service.ts';

/** The private server of that kind of the project in `folder`, for `use`, `keep` and `stop`. */
export function privateServer(kind: ServerKind, folder: string): Service {
  const home = join(realpathSync(folder), '.shipkit', 'local', kind.name);
  return {
    folder: home,
    isRunning: async () => {
      const { running } = (await ownInstance(kind, home)).record;
      return running !== undefined && isUp(running);
    },
    start: (signal) => start(kind, home, signal),
    stop: async () => {
      const instance = await ownInstance(kind, home);
      await shutDown(instance);
      writeRecord(home, instance.record);
    },
    releaseAfterwards: () => {
      const args = [join(import.meta.dirname, 'release.ts'), kind.module, kind.name, folder];
      const options = { detached: true, stdio: 'ignore', windowsHide: true } as const;
      spawn(process.execPath, args, options).unref();
    },
  };
}

async function start(
  kind: ServerKind,
  home: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const instance = await ownInstance(kind, home);
  if (!(await answers(instance, signal))) await startAnew(instance, signal);
  return kind.url(instance.record);
}

/** Whether the server that was noted answers. One that is still starting is waited for. */
async function answers(instance: Instance, signal: AbortSignal | undefined): Promise<boolean> {
  const { noun } = instance.kind;
  const { running } = instance.record;
  if (!running || !(await isUp(running))) return false;
  try {
    const answer = waitForAnswer(instance, () => isUp(running), signal);
    await sayIfSlow(`waiting for the ${noun} …`, answer);
    return true;
  } catch (error) {
    signal?.throwIfAborted();
    // It ended: whoever started it was killed before it gave the server its permit.
    if (!(await isUp(running))) return false;
    const name = 'container' in running ? running.container : `process ${running.pid}`;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The private ${noun} runs as ${name}, but ${reason}. End it, and try again.`, {
      cause: error,
    });
  }
}

/** Tries one engine after the other, until one answers. */
async function startAnew(instance: Instance, signal: AbortSignal | undefined): Promise<void> {
  const make = madeBy(instance);
  const passed: string[] = [];
  const pass = (reason: string): void => void passed.push(reason);
  for await (const engine of findEngines(instance, make, pass, signal)) {
    try {
      await engine.start(signal);
      return;
    } catch (error) {
      signal?.throwIfAborted();
      pass(`${engine.label}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(noEngine(instance, passed));
}

/** With the record that belongs to this very folder, on disk too. */
async function ownInstance(kind: ServerKind, home: string): Promise<Instance> {
  const record = readRecord(home);
  if (record?.home === home) return { kind, home, record };
  const isMoved = record !== undefined && !existsSync(record.home);
  // The server of a moved project knows only the old place: it is started again at this one. That
  // of a copied project is the original's, with its port and password; only the data was copied.
  if (isMoved) await shutDown({ kind, home, record });
  const own = isMoved
    ? { ...record, home }
    : { ...(await newRecord(home)), madeBy: record?.madeBy };
  writeRecord(home, own);
  return { kind, home, record: own };
}

/** The make of server that made the data, if there is data. */
function madeBy({ home, record }: Instance): string | undefined {
  const hasData = record.madeBy === 'Docker' || existsSync(join(home, 'data'));
  return hasData ? record.madeBy : undefined;
}

function noEngine(instance: Instance, passed: string[]): string {
  const { kind, home } = instance;
  const make = madeBy(instance);
  const reasons = passed.map((reason) => `\n  - ${reason}`).join('');
  if (!make) {
    return `No ${kind.noun} could be started for development:${reasons}
Install one with \`${installCommand(kind)}\`, or set ${kind.variables[0]} in .env to the URL of yours.`;
  }
  return `The private development ${kind.noun}, made by ${make}, could not be started:${reasons}
Its data lies in ${home}: bring that ${make} back, or remove the folder to begin with an empty one.`;
}

function installCommand({ install }: ServerKind): string {
  const { platform } = process;
  if (platform === 'darwin' || platform === 'win32') return install[platform];
  return existsSync('/usr/bin/apt-get') ? install.apt : install.other;
}
