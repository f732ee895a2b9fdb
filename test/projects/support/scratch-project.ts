// A project with the folder `dev` as it stands in the templates, and a tiny service in place of the
// real one.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { expect } from 'vitest';

import { cleanEnvironment } from '../../../scripts/lib/environment.ts';
import { Program } from '../../../scripts/lib/program.ts';
import { root } from '../../../scripts/lib/root.ts';
import { processesIn } from './processes.ts';

const base = join(root, 'templates/base');
mkdirSync(join(root, '.cache'), { recursive: true });
const cache = mkdtempSync(join(root, '.cache/local-database-'));
chmodSync(cache, 0o755);
/** Packages that a project has fetched, for the others of this run. */
export const fetched = join(cache, 'packages');

export const vitestRun = [join(root, 'node_modules/vitest/vitest.mjs'), 'run'];

const programs: Program[] = [];
const folders: string[] = [];

export const service = `
import { createServer } from 'node:http';
import { createConnection } from 'mysql2/promise';
const waiting = [];
const server = createServer((request, response) => {
  if (request.url !== '/slow') return response.end('ok');
  waiting.push(response);
  console.log('slow request');
});
if (process.env.THIEF) await fetch(process.env.THIEF + process.env.PORT);
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening', process.env.PORT, process.pid));
server.on('error', (error) => { console.log(error.code); process.exit(1); });
process.on('SIGTERM', async () => {
  const connection = await createConnection(process.env.DATABASE_URL);
  await connection.end();
  for (const response of waiting) response.end('finished');
  server.close(() => { console.error('drained'); process.exit(0); });
});
`;

const servers = `
import { database } from './local/database/kind.ts';
export const servers = { database };
`;

export const showServer = `
import { readFileSync } from 'node:fs';
console.log(JSON.parse(readFileSync('.shipkit/local/database/database.json')).running.pid);
`;

const migrate = `
import { existsSync } from 'node:fs';
console.log('migrating', process.env.MIGRATION_DATABASE_URL === process.env.DATABASE_URL);
process.exit(existsSync('migrations/broken.sql') ? 1 : 0);
`;

/** Ends all that a test has started, and removes its projects. */
export async function tidy(): Promise<void> {
  for (const program of programs.splice(0)) await program.stop('SIGKILL');
  for (const folder of folders.splice(0).filter(existsSync)) {
    await run(folder, 'database-stop');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Removes what the projects have shared. */
export function tidyAll(): void {
  rmSync(cache, { recursive: true, force: true });
}

/** Has a project's folder removed after the test. */
export function registered(folder: string): string {
  folders.push(folder);
  return folder;
}

/** Keeps the packages that a project has fetched, for the others of this run. */
export function keepPackages(folder: string): void {
  const packages = join(folder, '.shipkit/local/packages');
  if (existsSync(packages)) cpSync(packages, fetched, { recursive: true, verbatimSymlinks: true });
}

/**
 * Gives the projects of a test file the packages that this run's own server has, or, where that has
 * none, those that one of them fetches: once for them all.
 */
export async function sharePackages(): Promise<void> {
  keepPackages(join(root, '.cache'));
  if (existsSync(fetched)) return;
  const folder = makeProject();
  await databaseUrl(folder);
  keepPackages(folder);
}

export function makeProject(folder = mkdtempSync(join(cache, 'project-'))): string {
  registered(folder);
  for (const part of ['src/commands', 'test/support', 'migrations']) {
    mkdirSync(join(folder, part), { recursive: true });
  }
  cpSync(join(base, 'dev'), join(folder, 'dev'), { recursive: true });
  // What is rendered: nothing starts beside the service, which needs a database alone.
  writeFileSync(join(folder, 'dev', 'companions.ts'), 'export const companions = {};\n');
  writeFileSync(join(folder, 'dev', 'servers.ts'), servers);
  for (const part of ['server.ts', 'run-folder.ts']) {
    cpSync(join(base, 'test/support', part), join(folder, 'test/support', part));
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'src/main.ts'), service);
  writeFileSync(join(folder, 'src/commands/migrate.ts'), migrate);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  if (existsSync(fetched)) {
    mkdirSync(join(folder, '.shipkit/local'), { recursive: true });
    symlinkSync(fetched, join(folder, '.shipkit/local/packages'));
  }
  return folder;
}

/** A test of the project that makes a schema, and then does what it is told. */
export function writeTest(folder: string, then: string): void {
  cpSync(join(base, 'vitest.config.ts'), join(folder, 'vitest.config.ts'));
  writeFileSync(
    join(folder, 'test/server.test.ts'),
    `import { createConnection } from 'mysql2/promise';
     import { inject, test } from 'vitest';
     test('server', { timeout: 2e6 }, async () => {
       const connection = await createConnection(inject('databaseServer'));
       await connection.query('CREATE SCHEMA test_one');
       ${then};
       await connection.end();
     });`,
  );
}

/** Starts a script of the folder `dev`. */
export function start(
  folder: string,
  command: string,
  args: string[] = [],
  settings = {},
): Program {
  return startProgram(folder, [`dev/${command}`, ...args], settings);
}

/** Starts Node.js, as a user who has nothing set up. It is ended after the test. */
export function startProgram(folder: string, args: string[], settings = {}): Program {
  const env = cleanEnvironment(settings);
  const program = new Program(process.execPath, args, { cwd: folder, env });
  programs.push(program);
  return program;
}

/** Runs a script of the folder `dev` to its end. Takes every exit code. */
export async function run(folder: string, command: string, args: string[] = [], settings = {}) {
  return execa(process.execPath, [`dev/${command}.ts`, ...args], {
    cwd: folder,
    env: cleanEnvironment(settings),
    extendEnv: false,
    reject: false,
  });
}

export async function databaseUrl(folder: string, settings = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await run(folder, 'database-url', [], settings);
  expect(exitCode, stderr).toBe(0);
  return stdout;
}

export const serversOf = (folder: string): string[] =>
  processesIn(folder).filter((command) => command.includes(`--datadir=${folder}/.shipkit`));

export function serverProcess(folder: string): number {
  const record = readFileSync(join(folder, '.shipkit/local/database/database.json'), 'utf8');
  return (JSON.parse(record) as { running: { pid: number } }).running.pid;
}
