// One limit, and four processes of a service that count for it: in Redis or in the database, and while
// Redis goes and comes.
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';

import type { Answer, Api } from '../../scripts/lib/api.ts';
import { plain } from './support/choices.ts';
import { expectProblem } from './support/examine.ts';
import { Fleet } from './support/fleet.ts';
import { OwnRedis } from './support/own-redis.ts';
import { makeProject, prepare, type Project } from './support/project.ts';

const size = 4;
const limit = 60;
/** Long enough for no window to end in a test. */
const limits = {
  RATE_LIMIT_POINTS: String(limit),
  RATE_LIMIT_ADDRESS_POINTS: '10000',
  RATE_LIMIT_SECONDS: '3600',
};

let fleet: Fleet;
let token: string;

const apis = (): Api[] => fleet.members.map(({ api }) => api);

/** Asks in turn on each process, all at once. */
function ask(count: number): Promise<Answer[]> {
  const turns = Array.from({ length: count }, (_, turn) => turn % size);
  return Promise.all(turns.flatMap((turn) => apis()[turn]?.me(token) ?? []));
}

async function admitted(count: number): Promise<number> {
  return admittedIn(await ask(count));
}

function admittedIn(answers: readonly Answer[]): number {
  for (const answer of answers) {
    if (answer.status !== 200) expectProblem(answer, 429);
  }
  return answers.filter(({ status }) => status === 200).length;
}

/** Has each process count something else. @returns how many have counted in Redis again by now */
async function askAndCountReturns(): Promise<number> {
  await Promise.all(apis().map((api) => api.get('/docs')));
  const back = '"store":"redis","msg":"limits are counted there again"';
  return fleet.members.filter(({ program }) => program.output.includes(back)).length;
}

/** Starts the processes of a project on a database that nobody has called yet. */
async function startFleet(project: Project, redisUrl?: string): Promise<void> {
  const settings = {
    ...(await prepare(project, inject('serverUrl'))),
    ...limits,
    ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
  };
  fleet = await Fleet.start(project, settings, size);
  // Every process has its connections then, and each of them has been asked for health alone.
  await Promise.all(apis().map((api) => api.get('/readyz')));
}

async function newUser(): Promise<void> {
  const [api] = apis();
  if (api === undefined) throw new Error('No process runs.');
  token = (await api.newUser()).accessToken;
}

describe('with the database alone', () => {
  beforeAll(async () => {
    await startFleet(await makeProject({ ...plain, features: ['rate-limit'] }));
  });
  beforeEach(newUser);
  afterAll(() => fleet.stop());

  test('four processes against one limit allow exactly the limit', async () => {
    expect(await admitted(240)).toBe(limit);
    expect(await admitted(40)).toBe(0);
  });

  test('an account that is at its end takes nothing from another', async () => {
    expect(await admitted(120)).toBe(limit);
    await newUser();
    expect(await admitted(120)).toBe(limit);
  });
});

describe('with Redis', () => {
  let project: Project;
  let redis: OwnRedis;

  beforeAll(async () => {
    project = await makeProject({ ...plain, features: ['redis', 'rate-limit'] });
  });
  beforeEach(async () => {
    redis = await OwnRedis.start();
    await startFleet(project, redis.url);
    await newUser();
    return async () => {
      await fleet.stop();
      await redis.stop();
    };
  });

  test('four processes against one limit allow exactly the limit', async () => {
    expect(await admitted(240)).toBe(limit);
    expect(await admitted(40)).toBe(0);
  });

  test('when Redis is killed, the count goes on in the database, to exactly the limit', async () => {
    expect(await admitted(24)).toBe(24);
    redis.kill();
    // By its first call each process tells the database what it had spent.
    expect(await admitted(size)).toBe(size);
    expect(await admitted(240)).toBe(limit - 24 - size);
    expect((await apis()[0]?.get('/readyz'))?.json).toMatchObject({ status: 'degraded' });
  });

  test('H4: while Redis is frozen, everybody is answered; then the count goes on there, to exactly the limit', async () => {
    expect(await admitted(24)).toBe(24);
    redis.freeze();
    // They come back while it is frozen: nobody waits for it.
    expect(await admitted(size)).toBe(size);
    expect(await admitted(8)).toBe(8);
    redis.thaw();
    await expect.poll(askAndCountReturns, { timeout: 30_000 }).toBe(size);
    // The calls that waited in vain were read by it after all, and are not counted again.
    expect(await admitted(size)).toBe(size);
    expect(await admitted(240)).toBe(limit - 24 - size - 8 - size);
  });
});
