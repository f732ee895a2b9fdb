import process from 'node:process';
import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';

import { cleanEnvironment } from '../../scripts/lib/environment.ts';
import { subject } from './support/choices.ts';
import { makeProject, type Project } from './support/project.ts';

let project: Project;

beforeAll(async () => {
  project = await makeProject(subject);
});

test('settings with six faults are all listed at boot, without their values, and it exits 1', async () => {
  const faults = {
    NODE_ENV: 'staging-secret',
    PORT: '99999',
    APP_ORIGIN: 'https://example.com/with/a/path-secret',
    LOG_LEVEL: 'loud-secret',
    DATABASE_URL: 'postgres://user:secret@127.0.0.1/app',
    DATABASE_POOL_SIZE: 'many-secret',
  };

  const started = await execa(process.execPath, ['src/main.ts'], {
    cwd: project.folder,
    env: cleanEnvironment(faults),
    extendEnv: false,
    reject: false,
    all: true,
  });

  expect(started.exitCode).toBe(1);
  for (const name of Object.keys(faults)) expect(started.all).toContain(`${name}:`);
  expect(started.all).not.toMatch(/secret|99999|^\s+at /m);
});
