import { webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';

import { type Api, expectStatus } from '../lib/api.ts';
import { root } from '../lib/root.ts';
import type { Stages } from '../lib/stage.ts';
import type { Backend } from './backend.ts';
import { type Figure, atLeast, atMost, median, medianRatio, times } from './figure.ts';

/** As many as the service lets wait: what is more it turns away. */
const clients = 50;
const loginRounds = 5;
const loginSeconds = 3;

/**
 * Sign-ins per second with as many at once as may wait, against the rate at which this machine can
 * do the hashes that they are made of: two at once, in a process that does nothing else.
 */
export async function measureLogins(stages: Stages, backend: Backend): Promise<Figure[]> {
  const ours = await backend.start('generated', 'src/main.ts');
  const emails = await stages.run(`Registering ${clients} users`, () => register(ours.api));
  const rates = { logins: [] as number[], hashes: [] as number[] };
  await stages.run(`Sign-ins: ${loginRounds} rounds of ${loginSeconds} s each`, async () => {
    for (let round = 0; round <= loginRounds; round += 1) {
      const logins = await loginsPerSecond(ours.api, emails);
      const hashes = await hashesPerSecond();
      // The first round warms up and is not counted.
      if (round === 0) continue;
      rates.logins.push(logins);
      rates.hashes.push(hashes);
    }
  });
  const [logins, hashes] = [median(rates.logins).toFixed(1), median(rates.hashes).toFixed(1)];
  return [
    {
      ...atLeast('sign-ins to bare argon2', medianRatio(rates.logins, rates.hashes), 0.5, times),
      detail: `${logins} sign-ins/s by ${clients} at once to ${hashes} hashes/s, medians of ${loginRounds} rounds`,
    },
  ];
}

const password = 'correct horse battery staple';

async function register(api: Api): Promise<string[]> {
  const emails = Array.from({ length: clients }, () => `${crypto.randomUUID()}@example.com`);
  for (const email of emails) expectStatus(await api.register(email, password), 201);
  return emails;
}

/** Each client signs in again as soon as it is in: the queue is never empty. */
async function loginsPerSecond(api: Api, emails: readonly string[]): Promise<number> {
  const started = performance.now();
  const until = started + loginSeconds * 1000;
  let logins = 0;
  await Promise.all(
    emails.map(async (email) => {
      while (performance.now() < until) {
        expectStatus(await api.login(email, password), 200);
        logins += 1;
      }
    }),
  );
  return (logins * 1000) / (performance.now() - started);
}

async function hashesPerSecond(): Promise<number> {
  const script = join(root, 'scripts', 'bench', 'argon2.ts');
  const { stdout } = await execa(process.execPath, [script, String(loginSeconds)]);
  return Number(stdout);
}

const verifyRounds = 21;
const verifications = 2000;

/** The project's own module, as far as it is measured. */
interface AccessTokensModule {
  accessTokens: (
    keyring: object,
    origin: string,
  ) => {
    issue: (who: object) => Promise<string>;
    verify: (token: string) => Promise<unknown>;
  };
}

/** What it costs to know who is asking, against nothing but the check of the token's signature. */
export async function measureVerification(stages: Stages, backend: Backend): Promise<Figure[]> {
  const { APP_ORIGIN: origin = '', JWT_KEYS_FILE: keysFile = '' } = backend.settings;
  const { key, kid } = await readKey(keysFile);
  const module = join(backend.project, 'src', 'domains', 'auth', 'access-tokens.ts');
  const { accessTokens } = (await import(pathToFileURL(module).href)) as AccessTokensModule;
  const tokens = accessTokens({ primary: { kid, key }, byKid: () => key }, origin);
  const id = crypto.randomUUID();
  const token = await tokens.issue({ userId: id, accountId: id, sessionId: id });
  const end = token.lastIndexOf('.');
  const signed = Buffer.from(token.slice(0, end));
  const signature = Buffer.from(token.slice(end + 1), 'base64url');

  const took = { whole: [] as number[], floor: [] as number[] };
  await stages.run('Verifying access tokens', async () => {
    for (let round = 0; round <= verifyRounds; round += 1) {
      const whole = await timeOf(() => tokens.verify(token));
      const floor = await timeOf(() => webcrypto.subtle.verify('HMAC', key, signature, signed));
      if (round === 0) continue;
      took.whole.push(whole);
      took.floor.push(floor);
    }
  });
  const [whole, floor] = [median(took.whole).toFixed(1), median(took.floor).toFixed(1)];
  return [
    {
      ...atMost('token to its HMAC', medianRatio(took.whole, took.floor), 3, times),
      detail: `${whole} µs to ${floor} µs of the signature alone, medians of ${verifyRounds}`,
    },
  ];
}

/** Microseconds for one of many, one after the other. @throws Error if one is refused */
async function timeOf(verify: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  for (let turn = 0; turn < verifications; turn += 1) {
    if (!(await verify())) throw new Error('A good token was refused.');
  }
  return ((performance.now() - started) * 1000) / verifications;
}

async function readKey(file: string): Promise<{ key: webcrypto.CryptoKey; kid: string }> {
  const { primary } = JSON.parse(readFileSync(file, 'utf8')) as { primary: { secret: string } };
  const secret = Buffer.from(primary.secret, 'base64url');
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const usages = ['sign', 'verify'] as const;
  const key = await webcrypto.subtle.importKey('raw', secret, algorithm, false, [...usages]);
  return { key, kid: 'bench' };
}
