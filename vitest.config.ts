import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

import { countOf } from './scripts/lib/counts.ts';

// Minutes each, for what the quick tests see in smaller: the full run alone has them.
const onlyInFull = [
  'change',
  'customer-years',
  'database-loss',
  'first-command',
  'inbox-strategies',
  'local-database',
  'local-redis',
  'owner-edits',
  'queues',
  'redis-loss',
  'side-by-side',
].map((name) => `test/projects/${name}.test.ts`);

// What programs print is compared as text; on a CI machine they would colour it.
const env = { NO_COLOR: '1' };

export default defineConfig({
  test: {
    teardownTimeout: 60_000,
    projects: [
      {
        test: {
          name: 'generator',
          include: ['test/{unit,cli,machinery}/**/*.test.ts'],
          sequence: { groupOrder: 0 },
          // Vitest would leave one core free, which these tests do not need.
          maxWorkers: availableParallelism(),
          testTimeout: 60_000,
          hookTimeout: 60_000,
          env,
        },
      },
      {
        // Whole projects: generated, installed, started, with all of their own tests. Each takes
        // minutes, and several times that on a machine with much else to do.
        test: {
          name: 'projects',
          include: ['test/projects/**/*.test.ts'],
          sequence: { groupOrder: 1 },
          exclude: countOf('FULL') > 0 ? [] : onlyInFull,
          globalSetup: ['test/projects/support/global-setup.ts'],
          testTimeout: 900_000,
          hookTimeout: 900_000,
          env,
        },
      },
    ],
  },
});
