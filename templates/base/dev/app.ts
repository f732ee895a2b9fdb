// The processes that npm run dev starts. They are in a group of their own, so that Ctrl-C reaches
// only npm run dev, which then ends them in order.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { on } from 'node:events';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { projectFolder } from './project.ts';
import { printReadable } from './readable-log.ts';

export interface App {
  /** Fulfilled when it listens on the port. */
  listening: (port: number) => Promise<void>;
  /** Fulfilled with the exit code if it ends without having been asked to. */
  endedItself: Promise<number>;
  /** Asks it to finish its requests and waits for its end; `forced` kills it. Gives its exit code. */
  end: (forced: AbortSignal) => Promise<number>;
}

export function startApp(env: NodeJS.ProcessEnv): App {
  const inApp = pathToFileURL(join(import.meta.dirname, 'in-app.ts')).href;
  const child = startNode(['--import', inApp, 'src/main.ts'], env, 'pipe', 'ipc');
  if (child.stdout !== null) printReadable(child.stdout);
  const exited = exitCode(child);
  const { promise: endedItself, resolve } = Promise.withResolvers<number>();
  let asked = false;
  void exited.then((code) => !asked && resolve(code));
  return {
    listening: async (port) => {
      for await (const [message] of on(child, 'message')) if (message === port) return;
    },
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
  const child = startNode(['src/commands/migrate.ts'], env, 'inherit', 'ignore');
  return (await exitCode(child)) === 0;
}

function startNode(
  args: string[],
  env: NodeJS.ProcessEnv,
  output: 'inherit' | 'pipe',
  fourth: 'ipc' | 'ignore',
): ChildProcess {
  return spawn(process.execPath, args, {
    cwd: projectFolder,
    env,
    stdio: ['ignore', output, 'inherit', fourth],
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
