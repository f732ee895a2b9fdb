import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

import { countOf } from './scripts/lib/counts.ts';
import { LongestFirst } from './scripts/lib/longest-first.ts';

// Minutes each, for what the quick tests see in smaller: the full run alone has them.
const onlyInFull = [
  'cli/doctor-branches',
  'cli/drop-table',
  'projects/change',
  'projects/customer-years',
  'projects/database-loss',
  'projects/deploy-killed',
  'projects/deploy-provision',
  'projects/deploy-vps',
  'projects/dev-server',
  'projects/domains',
  'projects/first-command',
  'projects/idempotency',
  'projects/inbox-strategies',
  'projects/keys',
  'projects/local-database',
  'projects/local-redis',
  'projects/owner-edits',
  'projects/queues',
  'projects/rate-limit',
  'projects/redis-loss',
  'projects/side-by-side',
  'projects/webhooks',
].map((name) => `test/${name}.test.ts`);
const leftOut = countOf('FULL') > 0 ? [] : onlyInFull;

// What waits for a page waits in vain where much else is to be done beside it.
const inBrowser = 'test/projects/admin-browser.test.ts';

// What programs print is compared as text; on a CI machine they would colour it.
const env = { NO_COLOR: '1' };

// Generated, installed, started, with all of their own tests. Each takes minutes, and several times
// that on a machine with much else to do.
const wholeProjects = {
  globalSetup: ['test/projects/support/global-setup.ts'],
  testTimeout: 900_000,
  hookTimeout: 900_000,
  env,
};

export default defineConfig({
  test: {
    teardownTimeout: 60_000,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'generator',
          include: ['test/{unit,cli,machinery}/**/*.test.ts'],
          exclude: leftOut,
          sequence: { groupOrder: 0 },
          // Vitest would leave one core free, which these tests do not need.
          maxWorkers: availableParallelism(),
          testTimeout: 60_000,
          hookTimeout: 60_000,
          env,
        },
      },
      {
        test: {
          name: 'projects',
          include: ['test/projects/**/*.test.ts'],
          exclude: [...leftOut, inBrowser],
          sequence: { groupOrder: 1 },
          // Some wait most of their time, for leases and restarts: beside others, not alone.
          maxWorkers: availableParallelism(),
          ...wholeProjects,
        },
      },
      {
        test: {
          name: 'browser',
          include: [inBrowser],
          sequence: { groupOrder: 2 },
          ...wholeProjects,
        },
      },
    ],
  },
});
