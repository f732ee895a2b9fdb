import { existsSync, globSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { signalGroup } from '../../scripts/lib/process-group.ts';
import { load } from './support/load.ts';
import { domain, ScratchServer } from './support/scratch-server.ts';

// Two deployments for each of its steps.
const patience = 1_800_000;

let server: ScratchServer;

beforeAll(async () => {
  server = await ScratchServer.make(['redis', 'queues']);
});

afterAll(async () => {
  await server?.stop();
});

test(
  'a deployment that is killed at any of its steps and run again comes to its end, and loses no request',
  async () => {
    const steps = stepsOf(await server.run(0, 'deploy.sh'));
    expect(steps.length).toBeGreaterThan(10);

    for (const step of steps) {
      const stop = await load({ domain, port: server.front.ports.https }, 4);
      await server.change('README.md', (text) => `${text}\nKilled at: ${step}\n`);
      const killed = server.script('deploy.sh');
      await killed.until(new RegExp(`^${step.replaceAll('.', String.raw`\.`)}`, 'm'));
      signalGroup(killed.pid, 'SIGKILL');
      await killed.exitCode;

      await server.run(0, 'deploy.sh');
      expect((await stop()).failed, step).toEqual([]);
      const { current, running } = server;
      expect(running, step).toEqual({
        'my-app-web@1.service': current,
        'my-app-web@2.service': current,
        'my-app-worker.service': current,
      });
      expect(globSync('releases/*.partial', { cwd: server.app }), step).toEqual([]);
      expect(existsSync(join(server.app, 'next')), step).toBe(false);
      expect(readdirSync(join(server.root, 'run/my-app')), step).toEqual(['lock']);
    }
  },
  patience,
);

test('while one deployment is at work, another is refused', async () => {
  const first = server.script('deploy.sh');
  await first.until(/^Installing/m);
  expect(await server.run(3, 'deploy.sh')).toContain('Another deployment');
  expect(await first.exitCode).toBe(0);
});

/** What is said when a step begins, without what differs from run to run. */
function stepsOf(output: string): string[] {
  return output
    .split('\n')
    .filter((line) => line.endsWith(' …') || line.startsWith('  my-app-'))
    .map((line) => line.replace(/ (?:\d{8}T\d{6}-\w+ )?…$/, ''));
}
