import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { countOf } from '../../scripts/lib/counts.ts';
import { load } from './support/load.ts';
import { domain, ScratchServer } from './support/scratch-server.ts';

let server: ScratchServer;

beforeAll(async () => {
  server = await ScratchServer.make([]);
  await server.run(0, 'deploy.sh');
});

afterAll(async () => {
  await server?.stop();
});

const deployments = countOf('DEPLOYMENTS');
const broken = Math.ceil(deployments / 2);

test(`${deployments} deployments under load lose no request, and the broken one switches back by itself`, async () => {
  const site = { domain, port: server.front.ports.https };
  for (let number = 1; number <= deployments; number += 1) {
    const before = server.current;
    const stop = await load(site, 8);
    if (number === broken) {
      await server.change('src/main.ts', (text) => `throw new Error('broken');\n${text}`);
      const output = await server.run(1, 'deploy.sh');
      expect(output).toContain(`Switched back to ${before}.`);
      expect(server.current).toBe(before);
      await server.undo();
    } else {
      await server.change('README.md', (text) => `${text}\nRelease ${number}.\n`);
      await server.run(0, 'deploy.sh');
      expect(server.current).not.toBe(before);
    }
    const { answered, failed } = await stop();
    console.log(number, answered, failed.length);
    expect(answered).toBeGreaterThan(100);
    if (number === broken) expect(failed.length / answered).toBeLessThan(0.01);
    else expect(failed).toEqual([]);
    const { current } = server;
    expect(server.running).toEqual({
      'my-app-web@1.service': current,
      'my-app-web@2.service': current,
    });
    expect(readdirSync(join(server.root, 'run/my-app'))).toEqual(['lock']);
  }
  expect(readdirSync(join(server.app, 'releases')).length).toBeLessThanOrEqual(6);
  expect(existsSync(join(server.app, 'next'))).toBe(false);
});
