// A generated backend with its database, for what is measured on a running one.

import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import { Api } from '../lib/api.ts';
import { createDatabase, dropDatabases, useServer } from '../lib/database.ts';
import { cleanEnvironment } from '../lib/environment.ts';
import { type Choice, generate, npm, starter } from '../lib/generate.ts';
import { freePort } from '../lib/port.ts';
import { production } from '../lib/production.ts';
import { Program } from '../lib/program.ts';
import type { Stages } from '../lib/stage.ts';

export interface Backend {
  /** The generated project's folder: installed, with keys and a migrated database. */
  project: string;
  settings: Readonly<Record<string, string>>;
  /** Starts a server with the backend's settings; it is stopped when all is measured. */
  start: (name: string, script: string, options?: StartOptions) => Promise<Contender>;
}

export interface StartOptions {
  /** The folder that it runs in; the project's where it is left out. */
  cwd?: string;
  settings?: Record<string, string>;
}

export interface Contender {
  name: string;
  program: Program;
  api: Api;
  /** What each round has measured. */
  rates: number[];
}

/** Makes a backend, has it measured, and leaves nothing of it behind. */
export async function withBackend<Result>(
  stages: Stages,
  measure: (backend: Backend) => Promise<Result>,
  choice: Choice = starter(),
): Promise<Result> {
  const server = await stages.run('Starting a database', () => useServer('npm run bench'));
  const folder = mkdtempSync(join(tmpdir(), 'shipkit-bench-'));
  const started: Contender[] = [];
  try {
    const database = await createDatabase(server.url, 'bench');
    const { project, settings } = await stages.run('Generating and installing', () =>
      makeProject(folder, database, choice),
    );
    return await measure({
      project,
      settings,
      async start(name, script, options = {}) {
        const { cwd = project, settings: extra } = options;
        const contender = await startContender(name, cwd, script, { ...settings, ...extra });
        started.push(contender);
        return contender;
      },
    });
  } finally {
    for (const { program } of started) await program.stop('SIGTERM');
    await dropDatabases(server.url, 'bench');
    rmSync(folder, { recursive: true, force: true });
    await server.leave();
  }
}

async function makeProject(folder: string, database: string, choice: Choice) {
  const project = join(folder, 'app');
  await generate(project, choice);
  await npm(project, ['ci', '--prefer-offline', '--no-audit', '--no-fund']);
  const settings = {
    ...production,
    DATABASE_URL: database,
    DATABASE_POOL_SIZE: '10',
    APP_ORIGIN: 'http://127.0.0.1',
    JWT_KEYS_FILE: join(project, 'secrets', 'jwt-keys.json'),
  };
  const env = cleanEnvironment(settings);
  await npm(project, ['run', 'keys', '--', 'init'], { env });
  await npm(project, ['run', 'db:migrate'], { env });
  return { project, settings };
}

async function startContender(
  name: string,
  cwd: string,
  script: string,
  settings: Record<string, string>,
): Promise<Contender> {
  const port = await freePort();
  const env = cleanEnvironment({ ...settings, PORT: String(port) });
  const program = new Program(process.execPath, [script], {
    cwd,
    env,
    stdout: openSync(devNull, 'w'),
  });
  const api = new Api(`http://127.0.0.1:${port}`);
  await api.untilReachable(program);
  return { name, program, api, rates: [] };
}
