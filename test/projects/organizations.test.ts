// Domains of one's own in a project of organizations: what they store is shared, kept apart and
// removed as all the rest, without a line of theirs about it.
import process from 'node:process';
import { execa } from 'execa';
import { beforeAll, describe, expect, inject, test } from 'vitest';

import { countOf } from '../../scripts/lib/counts.ts';
import { cleanEnvironment } from '../../scripts/lib/environment.ts';
import { subject } from './support/choices.ts';
import { makeProject, type Project } from './support/project.ts';

const domains = [
  ['folder', 'name:string,parent:ref(folders)?'],
  ['document', 'title:string,folder:ref(folders)'],
] as const;

const files = ['sharing', 'interleaved', 'deletion', 'permissions'];

describe('domains of organizations', () => {
  let project: Project;

  beforeAll(async () => {
    project = await makeProject({ ...subject, features: ['tenancy'] });
    for (const [name, fields] of domains) {
      await project.shipkit('add-domain', name, '--fields', fields);
    }
  });

  test('T1, T5: are seen by members alone, changed by who may write, and go with the organization', async () => {
    const tests = ['test/isolation', ...files.map((name) => `test/organizations/${name}`)];
    const program = [
      'node_modules/vitest/vitest.mjs',
      'run',
      ...tests.map((name) => `${name}.test.ts`),
    ];
    const { exitCode, all } = await execa(process.execPath, program, {
      cwd: project.folder,
      env: cleanEnvironment({
        TEST_DATABASE_URL: inject('serverUrl'),
        INTERLEAVED_REQUESTS: String(countOf('INTERLEAVED_REQUESTS')),
      }),
      extendEnv: false,
      reject: false,
      all: true,
    });
    expect(exitCode, all).toBe(0);
    expect(all).toMatch(new RegExp(`Test Files .*${tests.length} passed`));
  });
});
