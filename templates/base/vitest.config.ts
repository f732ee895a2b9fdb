import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/server.ts'],
    // No module of this project keeps state, so files may share what they have loaded: half the time.
    isolate: false,
  },
});
