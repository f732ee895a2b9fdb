import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/server.ts', 'test/support/run-folder.ts'],
    // No module of this project keeps state, so files may share what they have loaded: half the time.
    isolate: false,
    // Tests wait for processes and the database more than they compute.
    maxWorkers: availableParallelism() + 1,
    expect: { poll: { interval: 10 } },
    // For machines with much else to do. Nothing here waits for a time to pass.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
