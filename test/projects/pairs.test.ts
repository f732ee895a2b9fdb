import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { countOf, seed } from '../../scripts/lib/counts.ts';
import { changesIn } from '../../scripts/lib/untouched.ts';
import { choices } from './support/choices.ts';
import { examineErrors, examineSelfDescription, examineSignIn } from './support/examine.ts';
import {
  boot,
  makeProject,
  prepare,
  testServers,
  type Project,
  type Running,
} from './support/project.ts';

const projects = choices(countOf('PROJECTS')).map((choice) => ({
  ...choice,
  label: `${choice.name}: ${choice.tier} with ${choice.features.join(', ') || 'nothing more'}, ${choice.packageManager}`,
}));

describe.each(projects)('a fresh project ($label)', (choice) => {
  let project: Project;

  beforeAll(async () => {
    project = await makeProject(choice);
  });

  test.for(['typecheck', 'lint', 'format:check'])('passes its own %s', async (script) => {
    const { exitCode, all } = await project.run(script);
    expect(exitCode, all).toBe(0);
  });

  test('passes its own tests on a real database', async () => {
    const { exitCode, all } = await project.run('test', {
      ...testServers(),
      BAD_INPUT_SEED: String(seed()),
      BAD_INPUT_REQUESTS: String(countOf('BAD_INPUT_REQUESTS')),
      INTERLEAVED_REQUESTS: String(countOf('INTERLEAVED_REQUESTS')),
    });
    expect(exitCode, all).toBe(0);
    expect(all).toMatch(/Tests .*\d+ passed/);
  });

  test('is not changed by any of that', () => {
    expect(changesIn(project.folder)).toEqual(
      choice.packageManager === 'pnpm' ? ['pnpm-lock.yaml'] : [],
    );
  });

  describe('in production', () => {
    let running: Running;

    beforeAll(async () => {
      running = await boot(project, await prepare(project, inject('serverUrl')));
    });

    afterAll(async () => {
      expect(await running.program.stop('SIGTERM'), running.program.output).toBe(0);
    });

    test('registers a user, signs in, refreshes and signs out', async () => {
      await examineSignIn(running.api);
    });

    test('describes itself, and tells whether it is healthy and ready', async () => {
      await examineSelfDescription(running.api);
    });

    test('answers every error as problem details whose request id is in the log', async () => {
      const requestIds = await examineErrors(running.api);
      for (const id of requestIds) await running.program.until(new RegExp(`"requestId":"${id}"`));
      expect(new Set(requestIds).size).toBe(requestIds.length);
    });
  });
});
