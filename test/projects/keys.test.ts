import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { countOf } from '../../scripts/lib/counts.ts';
import { cleanEnvironment } from '../../scripts/lib/environment.ts';
import { Program } from '../../scripts/lib/program.ts';
import { root } from '../../scripts/lib/root.ts';
import { plain } from './support/choices.ts';
import { Fleet } from './support/fleet.ts';
import { processesIn } from './support/processes.ts';
import { makeProject, prepare, type Project } from './support/project.ts';

interface StoredKey {
  secret: string;
  createdAt: string;
  retireAt?: string | null;
}

interface StoredRing {
  version: 1;
  next: StoredKey | null;
  primary: StoredKey;
  fallback: StoredKey | null;
}

const size = 4;
const clients = 4;

let project: Project;
let settings: Record<string, string>;
let fleet: Fleet;

beforeAll(async () => {
  project = await makeProject(plain);
  settings = await prepare(project, inject('serverUrl'));
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(project.folder, '.env'), lines.join(''), { mode: 0o600 });
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

const keyring = () => join(project.folder, 'secrets/jwt-keys.json');
const readRing = () => JSON.parse(readFileSync(keyring(), 'utf8')) as StoredRing;
const writeRing = (ring: StoredRing) => {
  writeFileSync(keyring(), JSON.stringify(ring));
};

/** As if the time had passed for which the key before the last is kept. */
function letFallbackRetire(): void {
  const ring = readRing();
  if (ring.fallback === null) return;
  writeRing({ ...ring, fallback: { ...ring.fallback, retireAt: '2020-01-01T00:00:00.000Z' } });
}

/** A random secret of the form that a keyring has. */
function newKey(): StoredKey {
  const secret = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
  return { secret, createdAt: new Date().toISOString() };
}

test.each(Array.from({ length: countOf('ROTATIONS') }, (_, index) => index + 1))(
  'J2: rotated by the command while four processes are restarted one by one under load, no token is rejected (%i)',
  async () => {
    letFallbackRetire();
    const before = readRing();
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
    expect(readRing().primary.secret).not.toBe(before.primary.secret);
    expect(readRing().fallback?.secret).toBe(before.primary.secret);
    expect(failed).toEqual([]);
    expect(used).toBeGreaterThan(100);
    expect(rejected).toBe(0);
  },
);

test('J2 would see it: replaced in one step during the same restart, tokens are rejected', async () => {
  letFallbackRetire();
  const end = await fleet.load(clients);
  const { primary } = readRing();

  writeRing({
    version: 1,
    next: null,
    primary: newKey(),
    fallback: { ...primary, retireAt: '2100-01-01T00:00:00.000Z' },
  });
  await fleet.restartAll(project);
  const { rejected } = await end();

  expect(rejected).toBeGreaterThan(0);
});

describe('J4: killed, and run again', () => {
  test.each(['Staged', 'do not accept', 'Promoted', 'do not sign'])(
    'after it said “%s”, the rotation that it began is finished',
    async (moment) => {
      letFallbackRetire();
      const { primary: old } = readRing();
      const killed = new Program(process.execPath, [command, 'rotate-keys'], place());
      await killed.until(new RegExp(moment));
      await killed.stop('SIGKILL');
      const left = readRing();

      const reloading = new AbortController();
      const reloads = reloadUntil(reloading.signal);
      const { exitCode, stderr } = await rotateKeys();
      reloading.abort();
      await reloads;

      expect(exitCode, stderr).toBe(0);
      const ring = readRing();
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
      letFallbackRetire();
      const args = [command, 'rotate-keys', '--instances', 'none'];
      const killed = new Program(process.execPath, args, place());
      await Promise.race([delay(Math.random() * 3000), killed.exitCode]);
      if (killed.running) await killed.stop('SIGKILL');

      const { exitCode, stderr } = await rotateKeys('--instances', 'none');
      expect(exitCode, stderr).toBe(0);
      const { next, fallback } = readRing();
      expect([next, typeof fallback?.retireAt]).toEqual([null, 'string']);
    }
  });
});

test('J6: when --compromised returns, every instance refuses the old tokens, and every session has ended', async () => {
  const holders = await Promise.all(fleet.members.map(({ api }) => api.newUser()));
  for (const { api } of fleet.members) {
    for (const { accessToken } of holders) expect((await api.me(accessToken)).status).toBe(200);
  }

  const { exitCode, stdout, stderr } = await rotateKeys('--compromised', '--json');

  expect(exitCode, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, keys: { next: null, fallback: null } });
  for (const { api } of fleet.members) {
    for (const { accessToken, refreshToken } of holders) {
      expect((await api.me(accessToken)).status).toBe(401);
      expect((await api.refresh(refreshToken)).status).toBe(401);
    }
    const { accessToken } = await api.newUser();
    expect((await api.me(accessToken)).status).toBe(200);
  }
});

test("a command that was killed takes the project's own with it", async () => {
  const args = [command, 'rotate-keys', '--instances', 'web-9'];
  const killed = new Program(process.execPath, args, place());
  await killed.until(/web-9 \(not heard from\)/);
  killed.signal('SIGKILL');
  const left = () => processesIn(project.folder).filter((line) => line.includes('keys.ts'));
  await expect.poll(left, { timeout: 10_000 }).toEqual([]);
});

test('a process that cannot be asked is named, and the command gives up with exit code 3', async () => {
  letFallbackRetire();
  const instances = `--instances=${fleet.names},web-9`;
  const { exitCode, stdout } = await rotateKeys('--json', '--timeout', '1', instances);
  expect(exitCode).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    pending: expect.arrayContaining(['web-9 (not heard from)']) as unknown,
  });
});

async function reloadUntil(over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    fleet.reload();
    await delay(100);
  }
}
