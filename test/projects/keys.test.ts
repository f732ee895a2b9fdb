import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import type { Tokens } from '../../scripts/lib/api.ts';
import { countOf } from '../../scripts/lib/counts.ts';
import { cleanEnvironment } from '../../scripts/lib/environment.ts';
import { Program } from '../../scripts/lib/program.ts';
import { root } from '../../scripts/lib/root.ts';
import { subject } from './support/choices.ts';
import { Fleet } from './support/fleet.ts';
import { KeyringFile, newKey, type StoredKey } from './support/keyring-file.ts';
import { processesIn } from './support/processes.ts';
import { makeProject, prepare, type Project } from './support/project.ts';

const size = 4;
const clients = 4;
const long = { timeout: 60_000, interval: 500 };

/** Each of these moments costs several processes more. */
const fewerKills = () => Math.ceil(countOf('KILLS') / 5);

let project: Project;
let settings: Record<string, string>;
let keyring: KeyringFile;
let fleet: Fleet;

beforeAll(async () => {
  project = await makeProject(subject);
  settings = await prepare(project, inject('serverUrl'));
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(project.folder, '.env'), lines.join(''), { mode: 0o600 });
  keyring = new KeyringFile(project.folder);
  fleet = await Fleet.start(project, settings, size);
});

afterAll(() => fleet.stop());

/** From a folder inside the project, whose `.env` has the settings. */
const place = () => ({ cwd: join(project.folder, 'src/http'), env: cleanEnvironment() });
const command = join(root, 'bin', 'shipkit.js');

/** Runs the built command to its end. Takes every exit code. */
async function rotateKeys(...args: string[]) {
  return execa(process.execPath, [command, 'rotate-keys', ...args], {
    ...place(),
    extendEnv: false,
    reject: false,
  });
}

/** The project's own command, which the other one runs, started at once. */
const own = (...args: string[]) => ['src/commands/keys.ts', ...args];
const inProject = (env: Record<string, string> = {}) => ({
  cwd: project.folder,
  env: cleanEnvironment(env),
});

/** Runs the project's own command to its end. Takes every exit code. */
async function ownKeys(args: string[], env?: Record<string, string>) {
  const options = { ...inProject(env), extendEnv: false, reject: false } as const;
  return execa(process.execPath, own(...args), options);
}

/** Starts the project's own command, and kills it as soon as that is over which it is given. */
async function killKeys(
  args: string[],
  moment: (program: Program) => Promise<unknown>,
  env?: Record<string, string>,
): Promise<void> {
  const program = new Program(process.execPath, own(...args), inProject(env));
  await moment(program);
  if (program.running) await program.stop('SIGKILL');
}

const saying = (words: RegExp) => (program: Program) => program.until(words);
const atRandom = (program: Program) =>
  Promise.race([delay(Math.random() * 3000), program.exitCode]);

test.each(Array.from({ length: countOf('ROTATIONS') }, (_, index) => index + 1))(
  'J2: rotated by the command while four processes are restarted one by one under load, no token is rejected (%i)',
  async () => {
    keyring.letFallbackRetire();
    const before = keyring.read();
    const end = await fleet.load(clients);

    const [rotated] = await Promise.all([
      rotateKeys('--json', '--instances', fleet.names),
      fleet.restartAll(project),
    ]);
    const { used, rejected, failed } = await end();

    expect(rotated, rotated.stderr).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(rotated.stdout)).toMatchObject({
      ok: true,
      steps: expect.arrayContaining(['stage', 'promote', 'schedule']) as unknown,
    });
    expect(keyring.read().primary.secret).not.toBe(before.primary.secret);
    expect(keyring.read().fallback?.secret).toBe(before.primary.secret);
    expect(failed).toEqual([]);
    expect(used).toBeGreaterThan(100);
    expect(rejected).toBe(0);
  },
);

test.runIf(countOf('FULL') > 0)(
  'J2 would see it: replaced in one step during the same restart, tokens are rejected',
  async () => {
    keyring.letFallbackRetire();
    const end = await fleet.load(clients);
    const { primary } = keyring.read();

    keyring.write({
      version: 1,
      next: null,
      primary: newKey(),
      fallback: { ...primary, retireAt: '2100-01-01T00:00:00.000Z' },
    });
    await fleet.restartAll(project);
    const { rejected } = await end();

    expect(rejected).toBeGreaterThan(0);
  },
);

describe('J4: killed, and run again', () => {
  test.each(['Staged', 'do not accept', 'Promoted', 'do not sign'])(
    'after it said “%s”, the rotation that it began is finished',
    async (moment) => {
      keyring.letFallbackRetire();
      const { primary: old } = keyring.read();
      const killed = new Program(process.execPath, [command, 'rotate-keys'], place());
      await killed.until(new RegExp(moment));
      await killed.stop('SIGKILL');
      const left = keyring.read();

      const reloading = new AbortController();
      const reloads = reloadUntil(reloading.signal);
      const { exitCode, stderr } = await rotateKeys();
      reloading.abort();
      await reloads;

      expect(exitCode, stderr).toBe(0);
      const ring = keyring.read();
      const begun = left.next?.secret ?? left.primary.secret;
      expect([ring.primary.secret, ring.next]).toEqual([begun, null]);
      expect(ring.fallback).toMatchObject({
        secret: old.secret,
        retireAt: expect.any(String) as unknown,
      });
    },
  );

  test('at any moment: the keyring is whole, and the next run ends well', async () => {
    for (let round = 0; round < countOf('KILLS'); round += 1) {
      keyring.letFallbackRetire();
      const args = [command, 'rotate-keys', '--instances', 'none'];
      const killed = new Program(process.execPath, args, place());
      await Promise.race([delay(Math.random() * 3000), killed.exitCode]);
      if (killed.running) await killed.stop('SIGKILL');

      const { exitCode, stderr } = await rotateKeys('--instances', 'none');
      expect(exitCode, stderr).toBe(0);
      const { next, fallback } = keyring.read();
      expect([next, typeof fallback?.retireAt]).toEqual([null, 'string']);
      expect(keyring.drafts()).toEqual([]);
    }
  });

  test('a single step is done once, and well when it is asked for again', async () => {
    const none = ['--instances', 'none'];
    const [primary, next] = [newKey(), newKey()];
    const retired = { ...newKey(), retireAt: '2020-01-01T00:00:00.000Z' };
    keyring.write({ version: 1, next, primary, fallback: retired });
    await killKeys(['promote', ...none], saying(/Promoted/));
    const promoted = await ownKeys(['promote', ...none]);
    expect(promoted.exitCode, promoted.stderr).toBe(0);
    expect(keyring.read()).toMatchObject({
      next: null,
      primary: next,
      fallback: { secret: primary.secret, retireAt: expect.any(String) as unknown },
    });

    keyring.letFallbackRetire();
    await killKeys(['retire'], saying(/Retired/));
    const taken = await ownKeys(['retire']);
    expect(taken.exitCode, taken.stderr).toBe(0);
    expect(keyring.read()).toMatchObject({ next: null, primary: next, fallback: null });
    expect(keyring.drafts()).toEqual([]);
  });

  test('in the database, the rotation that was begun is finished', async () => {
    const env = {
      JWT_KEYS_STORE: 'database',
      KEYRING_SECRET: readFileSync(join(project.folder, 'secrets/sealing-key'), 'utf8').trim(),
      JWT_KEYS_FILE: 'secrets/none.json',
    };
    const rotate = ['rotate', '--instances', 'none', '--json'];
    await using database = await createConnection(settings['DATABASE_URL'] ?? '');
    for (let round = 0; round < fewerKills(); round += 1) {
      await database.query('DELETE FROM jwt_keyring');
      const made = await ownKeys(['init', '--json'], env);
      expect(made.exitCode, made.stderr).toBe(0);
      await killKeys(rotate, round === 0 ? saying(/Staged/) : atRandom, env);

      const { exitCode, stdout, stderr } = await ownKeys(rotate, env);
      expect(exitCode, stderr).toBe(0);
      const { keys: before } = JSON.parse(made.stdout) as { keys: { primary: { kid: string } } };
      expect(JSON.parse(stdout)).toMatchObject({
        keys: {
          next: null,
          fallback: { kid: before.primary.kid, retireAt: expect.any(String) as unknown },
        },
      });
    }
  });
});

describe('J4: an emergency that was killed, and is run again', () => {
  test('while it ends the sessions: the key that it made is kept, and the sessions end', async () => {
    const { holders, primary } = await beforeEmergency();
    await using database = await createConnection(settings['DATABASE_URL'] ?? '');
    await database.beginTransaction();
    await database.query('SELECT id FROM sessions FOR UPDATE');
    const waiting =
      "SELECT trx_id FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'";
    await killKeys(['rotate', '--compromised'], async (program) => {
      await program.until(/signs now; dropped/);
      await expect.poll(async () => (await database.query(waiting))[0], long).not.toEqual([]);
    });
    await database.rollback();
    const left = keyring.read();
    expect([left.next, left.fallback, typeof left.sessionsToEnd]).toEqual([null, null, 'string']);
    expect(left.primary.secret).not.toBe(primary.secret);

    await endEmergency(holders);
    expect(keyring.read().primary.secret).toBe(left.primary.secret);
  });

  test('while it waits for the instances: no old key is left', async () => {
    const { holders, primary } = await beforeEmergency();
    const waiting = ['rotate', '--compromised', '--instances', 'web-9'];
    await killKeys(waiting, saying(/do not refuse.*web-9/));
    await endEmergency(holders);
    expect(keyring.read().primary.secret).not.toBe(primary.secret);
  });

  test('at any moment: no old key and no session is left', async () => {
    for (let round = 0; round < fewerKills(); round += 1) {
      const { holders, primary } = await beforeEmergency();
      await killKeys(['rotate', '--compromised'], atRandom);
      await endEmergency(holders);
      expect(keyring.read().primary.secret).not.toBe(primary.secret);
    }
  });
});

test('J6: when --compromised returns, every instance refuses the old tokens, and every session has ended', async () => {
  const { holders } = await beforeEmergency();

  const { exitCode, stdout, stderr } = await rotateKeys('--compromised', '--json');

  expect(exitCode, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, keys: { next: null, fallback: null } });
  await expectRefused(holders);
  for (const { api } of fleet.members) {
    const { accessToken } = await api.newUser();
    expect((await api.me(accessToken)).status).toBe(200);
  }
});

test("a command that was killed takes the project's own with it", async () => {
  keyring.letFallbackRetire();
  const args = [command, 'rotate-keys', '--instances', 'web-9'];
  const killed = new Program(process.execPath, args, place());
  await killed.until(/web-9 \(not heard from\)/);
  killed.signal('SIGKILL');
  const left = () => processesIn(project.folder).filter((line) => line.includes('keys.ts'));
  await expect.poll(left, { timeout: 10_000 }).toEqual([]);
});

test('a process that cannot be asked is named, and the command gives up with exit code 3', async () => {
  keyring.letFallbackRetire();
  const instances = `--instances=${fleet.names},web-9`;
  const { exitCode, stdout } = await rotateKeys('--json', '--timeout', '1', instances);
  expect(exitCode).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    pending: expect.arrayContaining(['web-9 (not heard from)']) as unknown,
  });
});

/** A user of each instance, whose tokens all instances accept, and the key of that moment. */
async function beforeEmergency(): Promise<{ holders: Tokens[]; primary: StoredKey }> {
  let holders: Tokens[] = [];
  // A rotation that was told that nobody runs has waited for nobody.
  await expect
    .poll(async () => {
      fleet.reload();
      holders = await Promise.all(fleet.members.map(({ api }) => api.newUser()));
      return statusesOf(holders);
    }, long)
    .toEqual([200]);
  return { holders, primary: keyring.read().primary };
}

/** What the instances answer to the access tokens of these, each answer once. */
async function statusesOf(holders: readonly Tokens[]): Promise<number[]> {
  const asked = fleet.members.flatMap(({ api }) =>
    holders.map(async ({ accessToken }) => (await api.me(accessToken)).status),
  );
  return [...new Set(await Promise.all(asked))];
}

/** Runs the emergency again, which has to bring it to its end. */
async function endEmergency(holders: readonly Tokens[]): Promise<void> {
  const { exitCode, stderr } = await ownKeys(['rotate', '--compromised']);
  expect(exitCode, stderr).toBe(0);
  const { next, fallback, sessionsToEnd } = keyring.read();
  expect([next, fallback, sessionsToEnd]).toEqual([null, null, undefined]);
  await expectRefused(holders);
  expect(keyring.drafts()).toEqual([]);
}

async function expectRefused(holders: readonly Tokens[]): Promise<void> {
  expect(await statusesOf(holders)).toEqual([401]);
  for (const { api } of fleet.members) {
    for (const { refreshToken } of holders) {
      expect((await api.refresh(refreshToken)).status).toBe(401);
    }
  }
}

async function reloadUntil(over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    fleet.reload();
    await delay(100);
  }
}
