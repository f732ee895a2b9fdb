// The whole product in one command: builds the generator, generates the richest project there is
// into try/my-saas, installs it and starts it.
//
//   npm run try              runs until Ctrl-C
//   npm run try -- --exit    uses it over HTTP, stops it and says what it saw

import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';

import { type Answer, Api, expectStatus } from './lib/api.ts';
import { cleanEnvironment } from './lib/environment.ts';
import { flagsOf, generate, npm, richest } from './lib/generate.ts';
import { tryLock } from './lib/lock.js';
import { npmCommand } from './lib/npm.js';
import { freePort } from './lib/port.ts';
import { Program } from './lib/program.ts';
import { root } from './lib/root.ts';
import { Stop, say } from './lib/say.js';
import { Stages } from './lib/stage.ts';
import { changesIn } from './lib/untouched.ts';

const folder = join(root, 'try', 'my-saas');
const stages = new Stages();
const interrupt = new AbortController();
const cancelSignal = interrupt.signal;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interrupt.abort(signal));
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = exitCodeOf(error);
  say(error instanceof Error ? error.message : String(error));
}

function exitCodeOf(error: unknown): number {
  if (interrupt.signal.aborted) return 130;
  return error instanceof Stop ? error.exitCode : 1;
}

async function main(args: string[]): Promise<void> {
  const exit = args.includes('--exit');
  const unknown = args.find((arg) => arg !== '--exit');
  if (unknown !== undefined) throw new Stop(`Unknown option ${unknown}: there is only --exit.`, 2);
  const release = await tryLock(folder);
  if (release === undefined) {
    throw new Stop('npm run try is running in this clone already: end it first.', 3);
  }
  refuseToReplaceWork();

  await makeProject();
  const { program, api } = await start(exit);
  try {
    if (exit) await use(api);
    else await invite(program, api);
  } finally {
    await stages.run('Stopping everything', () => program.stop('SIGINT'));
    release();
  }
  if (exit) summarise();
}

/** @throws Stop (3) if somebody worked in the project of an earlier run */
function refuseToReplaceWork(): void {
  if (!existsSync(folder)) return;
  const changes = changesIn(folder);
  if (changes?.length === 0) return;
  const few = changes?.slice(0, 3).join(', ');
  const why =
    changes === undefined
      ? 'it is not a project that this command made'
      : `${few}${changes.length > 3 ? ' and more' : ''} changed since it was generated`;
  throw new Stop(
    `try/my-saas would be replaced, but ${why}. Move it away or delete it, and run this again.`,
    3,
  );
}

async function makeProject(): Promise<void> {
  await stages.run('Building the command', () =>
    execa(process.execPath, [join(root, 'scripts', 'build.ts')], { cwd: root, cancelSignal }),
  );
  const choice = richest();
  await stages.run(`Generating try/my-saas ${flagsOf(choice).join(' ')}`, async () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(dirname(folder), { recursive: true });
    await generate(folder, choice);
  });
  await stages.run('Installing its packages', () =>
    npm(folder, ['ci', '--no-audit', '--no-fund'], { cancelSignal }),
  );
}

/** Starts `npm run dev` and waits until the backend is ready. Afterwards shows its log, or not. */
async function start(quiet: boolean): Promise<{ program: Program; api: Api }> {
  const port = await freePort(3000);
  const url = `http://127.0.0.1:${port}`;
  const { command, args } = npmCommand(process.execPath, ['run', 'dev']);
  const env = cleanEnvironment({ PORT: String(port), APP_ORIGIN: url });
  const onOutput = quiet ? undefined : (text: string) => process.stdout.write(text);
  const program = new Program(command, args, { cwd: folder, env, onOutput });
  const api = new Api(url);
  try {
    await stages.run('Starting it by npm run dev', async () => {
      await program.until(/listening/, { seconds: 120, signal: cancelSignal });
      expectStatus(await api.get('/readyz'), 200);
    });
    return { program, api };
  } catch (error) {
    await program.stop('SIGINT');
    throw error;
  }
}

/** Says what there is to try, and waits for Ctrl-C. @throws Error if the backend ends by itself */
async function invite(program: Program, { url }: Api): Promise<void> {
  const body = `{"email":"ada@example.com","password":"correct horse battery staple"}`;
  print(`
  The API            ${url}
  Its documentation  ${url}/docs
  As OpenAPI         ${url}/openapi.json
  The project        ${folder}

  Make a first user:

    curl -i ${url}/v1/auth/register -H 'content-type: application/json' -d '${body}'

  Ctrl-C ends it.
`);
  const ended = program.exitCode.then(() => {
    throw new Error('npm run dev ended by itself; its reason stands above.');
  });
  await Promise.race([ended, once(cancelSignal, 'abort')]);
}

/** Uses the backend as its first user would. @throws Error at the first answer that is wrong */
async function use(api: Api): Promise<void> {
  const email = 'ada@example.com';
  const password = 'correct horse battery staple';
  await stages.run('Using it over HTTP', async () => {
    saw('POST /v1/auth/register', await api.register(email, password), 201);
    const login = saw('POST /v1/auth/login', await api.login(email, password), 200);
    const me = saw('GET  /v1/auth/me', await api.me(String(login.json?.accessToken)), 200);
    if (me.json?.user?.email !== email) {
      throw new Error(`GET /v1/auth/me gave ${me.text}: another user.`);
    }
  });
}

function saw(request: string, answer: Answer, expected: number): Answer {
  const took = `${answer.milliseconds.toFixed(0).padStart(4)} ms`;
  print(`  ${request.padEnd(22)} ${answer.status} ${took}  ${shortened(answer.text)}`);
  return expectStatus(answer, expected);
}

function shortened(text: string): string {
  return text.length > 70 ? `${text.slice(0, 69)}…` : text;
}

function summarise(): void {
  print('');
  for (const { name, seconds } of stages.timings) {
    print(`${seconds.toFixed(1).padStart(6)} s  ${name}`);
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
