// A service whose Redis is killed and frozen while it is used.
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, inject, test } from 'vitest';

import type { Answer } from '../../scripts/lib/api.ts';
import { median } from '../../scripts/bench/figure.ts';
import { privateServer } from '../../templates/base/dev/local/server.ts';
import { use, type Service, type Use } from '../../templates/base/dev/local/service.ts';
import { redis as kind } from '../../templates/features/redis/dev/local/redis.ts';
import { everything } from './support/choices.ts';
import { shareFetched, signalServer } from './support/private-server.ts';
import { boot, makeProject, prepare, type Project, type Running } from './support/project.ts';

/** Milliseconds that what is cached takes to load. */
const loadTime = 100;
/** Milliseconds that an answer may take beyond that while Redis is gone. */
const delayAllowed = 300;
/** Milliseconds after which a client has waited in vain. */
const clientPatience = 10_000;
const clients = 10;

/** A route that an owner wrote, with something in the cache for a blink. */
const probe = `import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { json, open, reply, route, type Route } from '#app/http/route.ts';
import type { Cache } from '#app/platform/cache/cache.ts';

const schema = z.object({ loaded: z.literal(true) });

export function probeRoutes({ cache }: { cache: Cache }): Route[] {
  const load = async () => {
    await wait(${loadTime});
    return { loaded: true as const };
  };
  return [
    route({
      method: 'get',
      path: '/v1/probe',
      summary: 'Give what is cached',
      guard: open,
      answers: { 200: json(schema) },
      handler: async () =>
        reply(200, await cache.remember('probe', 200, load, { schema, tags: ['probe'] })),
    }),
  ];
}
`;

let service: Service;
let redis: Use;
let running: Running;

beforeEach(async () => {
  const folder = mkdtempSync(join(inject('workshop'), 'redis-'));
  shareFetched(folder);
  service = privateServer(kind, folder);
  redis = await use(service, { command: 'npm test' });
  const project = await makeProject(everything);
  addProbe(project);
  const settings = {
    ...(await prepare(project, inject('serverUrl'))),
    REDIS_URL: redis.url,
    // Counted as ever, and never at their end.
    RATE_LIMIT_POINTS: '1000000',
    RATE_LIMIT_ADDRESS_POINTS: '1000000',
  };
  running = await boot(project, settings);
  return async () => {
    await running.program.stop('SIGTERM');
    await redis.leave();
  };
});

test('H4: whether Redis is killed or frozen under load, every request is answered, in time, and the service recovers without a restart', async () => {
  const { api, program } = running;
  const { accessToken } = await api.newUser();
  await expectReadiness('ready');
  const traffic = startTraffic(accessToken);

  for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
    await traffic.answers(10 * clients);
    signalServer(service, signal);
    await traffic.answers(10 * clients);
    await expectReadiness('degraded');
    expect(await delayOfProbe()).toBeLessThan(loadTime + delayAllowed);

    if (signal === 'SIGSTOP') signalServer(service, 'SIGCONT');
    else await service.start(undefined);
    await expectReadiness('ready');
    await traffic.answers(10 * clients);
  }
  expect(await traffic.stop()).toEqual([]);
  expect(program.running).toBe(true);
});

async function expectReadiness(status: string): Promise<void> {
  const read = async () => (await running.api.get('/readyz')).json?.status;
  await expect.poll(read, { timeout: 20_000 }).toBe(status);
}

/**
 * How much longer the route with the cache takes than one that needs nothing, at the same moment: in
 * the middle of many, whatever else this machine has to do.
 */
async function delayOfProbe(): Promise<number> {
  const delays = [];
  for (let turn = 0; turn < 21; turn += 1) {
    const [probed, floor] = await Promise.all([
      running.api.get('/v1/probe'),
      running.api.get('/healthz'),
    ]);
    delays.push(probed.milliseconds - floor.milliseconds);
  }
  return median(delays);
}

/** Clients that ask one request after the other, and what was not answered as it should be. */
function startTraffic(accessToken: string) {
  const wrong: string[] = [];
  const over = new AbortController();
  let answered = 0;
  const headers = { authorization: `Bearer ${accessToken}` };
  const ask = async (path: string): Promise<void> => {
    try {
      const signal = AbortSignal.timeout(clientPatience);
      const answer: Answer = await running.api.request('GET', path, { headers, signal });
      if (answer.status !== 200) wrong.push(`${path}: ${answer.status} ${answer.text}`);
    } catch (error) {
      wrong.push(`${path}: ${String(error)}`);
    }
    answered += 1;
  };
  const asking = Array.from({ length: clients }, async (_, index) => {
    while (!over.signal.aborted) await ask(index % 2 === 0 ? '/v1/probe' : '/v1/auth/me');
  });
  return {
    /** Waits until so many more requests are answered, or failed. */
    async answers(count: number): Promise<void> {
      const enough = answered + count;
      await expect.poll(() => answered >= enough, { timeout: 120_000 }).toBe(true);
    },
    async stop(): Promise<string[]> {
      over.abort();
      await Promise.all(asking);
      return wrong;
    },
  };
}

function addProbe({ folder }: Project): void {
  const domains = join(folder, 'src/domains');
  mkdirSync(join(domains, 'probe'));
  writeFileSync(join(domains, 'probe/router.ts'), probe);
  const list = readFileSync(join(domains, 'index.ts'), 'utf8');
  const begin = 'export const domains = {\n';
  writeFileSync(
    join(domains, 'index.ts'),
    `import { probeRoutes } from './probe/router.ts';\n${list.replace(begin, `${begin}  probe: probeRoutes,\n`)}`,
  );
}
