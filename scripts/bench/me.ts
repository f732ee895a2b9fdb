import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import { Api, expectStatus } from '../lib/api.ts';
import { createDatabase, dropDatabases, useServer } from '../lib/database.ts';
import { cleanEnvironment } from '../lib/environment.ts';
import { generate, npm, starter } from '../lib/generate.ts';
import { freePort } from '../lib/port.ts';
import { Program } from '../lib/program.ts';
import { root } from '../lib/root.ts';
import type { Stages } from '../lib/stage.ts';
import { type Figure, atLeast, median, medianRatio, times } from './figure.ts';
import { load } from './load.ts';

const rounds = 7;
const seconds = 4;

/**
 * Requests per second of the generated `GET /v1/auth/me` against a route that does the same, and
 * against a bare one: separate processes with the same settings, one database, one after the other
 * in turns.
 */
export async function measureMe(stages: Stages): Promise<Figure[]> {
  const server = await stages.run('Starting a database', () => useServer('npm run bench'));
  const folder = mkdtempSync(join(tmpdir(), 'shipkit-bench-'));
  try {
    const database = await createDatabase(server.url, 'bench');
    try {
      const project = await stages.run('Generating and installing', () => makeProject(folder));
      return await compare(stages, project, database);
    } finally {
      await dropDatabases(server.url, 'bench');
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await server.leave();
  }
}

async function makeProject(folder: string): Promise<string> {
  const project = join(folder, 'app');
  await generate(project, starter());
  await npm(project, ['ci', '--prefer-offline', '--no-audit', '--no-fund']);
  return project;
}

async function compare(stages: Stages, project: string, database: string): Promise<Figure[]> {
  const origin = 'http://127.0.0.1';
  const settings = {
    NODE_ENV: 'production',
    DATABASE_URL: database,
    DATABASE_POOL_SIZE: '10',
    APP_ORIGIN: origin,
    JWT_KEYS_FILE: join(project, 'secrets', 'jwt-keys.json'),
    SMTP_URL: 'smtp://127.0.0.1:2525',
    MAIL_FROM: 'no-reply@example.com',
  };
  const env = cleanEnvironment(settings);
  await npm(project, ['run', 'keys', '--', 'init'], { env });
  await npm(project, ['run', 'db:migrate'], { env });

  const started: Contender[] = [];
  const begin = async (name: string, cwd: string, script: string, extra = {}) => {
    const contender = await startContender(name, cwd, script, { ...settings, ...extra });
    started.push(contender);
    return contender;
  };
  try {
    const ours = await begin('generated', project, 'src/main.ts');
    const { accessToken } = await ours.api.newUser();
    const me = expectStatus(await ours.api.me(accessToken), 200);
    const peer = await begin('by hand', root, 'scripts/bench/peer.ts');
    const bare = await begin('bare', root, 'scripts/bench/bare.ts', {
      USER_ID: me.json?.user?.id ?? '',
    });
    expectSame(expectStatus(await peer.api.me(accessToken), 200).text, me.text);
    await stages.run(`Load: ${rounds} rounds of ${seconds} s each`, () =>
      race(started, accessToken),
    );
    return figuresOf(ours, peer, bare);
  } finally {
    for (const { program } of started) await program.stop('SIGTERM');
  }
}

interface Contender {
  name: string;
  program: Program;
  api: Api;
  rates: number[];
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

async function race(contenders: Contender[], token: string): Promise<void> {
  for (let round = 0; round <= rounds; round += 1) {
    // Whoever comes first meets another machine than whoever comes last: everybody is each once.
    const turn = round % contenders.length;
    for (const { api, rates } of [...contenders.slice(turn), ...contenders.slice(0, turn)]) {
      const rate = await load(`${api.url}/v1/auth/me`, token, round === 0 ? 2 : seconds);
      // The first round warms up and is not counted.
      if (round > 0) rates.push(rate);
    }
  }
}

function figuresOf(ours: Contender, peer: Contender, bare: Contender): Figure[] {
  const rate = ({ rates }: Contender) => Math.round(median(rates));
  const ratio = (other: Contender) => medianRatio(ours.rates, other.rates);
  const detail = (other: Contender) =>
    `${rate(ours)} to ${rate(other)} requests/s, medians of ${rounds} rounds`;
  const name = 'GET /v1/auth/me to one ';
  return [
    { ...atLeast(`${name}by hand`, ratio(peer), 0.95, times), detail: detail(peer) },
    { name: `${name}bare`, value: times(ratio(bare)), detail: detail(bare) },
  ];
}

function expectSame(theirs: string, ours: string): void {
  if (theirs === ours) return;
  throw new Error(`The route by hand answers otherwise: ${theirs} instead of ${ours}`);
}
