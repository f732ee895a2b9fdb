// The processes that npm run dev starts. They are in a group of their own, so that Ctrl-C reaches
// only npm run dev, which then ends them in order.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { projectFolder } from './project.ts';

export interface App {
  /** Fulfilled with the exit code if it ends without having been asked to. */
  endedItself: Promise<number>;
  /** Asks it to finish its requests and waits for its end; `forced` kills it. Gives its exit code. */
  end: (forced: AbortSignal) => Promise<number>;
}

export function startApp(env: NodeJS.ProcessEnv): App {
  const followParent = pathToFileURL(join(import.meta.dirname, 'follow-parent.ts')).href;
  const child = startNode(['--import', followParent, 'src/main.ts'], env, 'ipc');
  const exited = exitCode(child);
  const { promise: endedItself, resolve } = Promise.withResolvers<number>();
  let asked = false;
  void exited.then((code) => !asked && resolve(code));
  return {
    endedItself,
    end: async (forced) => {
      asked = true;
      const kill = (): boolean => child.kill('SIGKILL');
      forced.addEventListener('abort', kill, { once: true });
      if (forced.aborted) kill();
      if (child.connected) child.disconnect();
      return exited;
    },
  };
}

/** Applies the migrations; true if all are applied now. */
export async function applyMigrations(env: NodeJS.ProcessEnv): Promise<boolean> {
  const child = startNode(['src/commands/migrate.ts'], env, 'ignore');
  return (await exitCode(child)) === 0;
}

/**
 * Waits until `/healthz` answers, so that an address is only shown when it works.
 *
 * @returns false if `signal` was aborted before, or half a minute was not enough
 */
export async function waitUntilHealthy(origin: string, signal: AbortSignal): Promise<boolean> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(30_000)]);
  while (!deadline.aborted) {
    if (await answers(`${origin}/healthz`, deadline)) return true;
    await delay(50);
  }
  return false;
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { ok } = await fetch(url, { signal });
    return ok;
  } catch {
    return false; // nobody listens yet
  }
}

function startNode(args: string[], env: NodeJS.ProcessEnv, fourth: 'ipc' | 'ignore'): ChildProcess {
  return spawn(process.execPath, args, {
    cwd: projectFolder,
    env,
    stdio: ['ignore', 'inherit', 'inherit', fourth],
    // On Windows it would get a console of its own.
    detached: process.platform !== 'win32',
  });
}

function exitCode(child: ChildProcess): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('error', reject);
  child.once('exit', (code) => resolve(code ?? 1));
  return promise;
}
