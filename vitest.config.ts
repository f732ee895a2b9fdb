import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    teardownTimeout: 60_000,
    projects: [
      {
        test: {
          name: 'generator',
          include: ['test/{unit,cli,machinery}/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Whole projects: generated, installed, started. Each takes minutes, not milliseconds.
        test: {
          name: 'projects',
          include: ['test/projects/**/*.test.ts'],
          globalSetup: ['test/projects/support/global-setup.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
