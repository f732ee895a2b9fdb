import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ProjectAnswers } from '../../src/catalog/answers.ts';
import { parseFields } from '../../src/catalog/domains/parse-fields.ts';
import { answersWithDomain } from '../../src/commands/domains.ts';
import { countOf } from '../../scripts/lib/counts.ts';
import { openProject } from '../../src/project/open.ts';
import { writeTree } from '../../src/project/staging.ts';
import { render } from '../../src/render/render.ts';
import { templates } from '../unit/support/combinations.ts';
import { change, contentOf, projectOf, read, version } from './support/changed.ts';
import { cli, lastingFolder, temporaryFolder } from './support/cli.ts';
import { answersOf } from '../unit/support/fixtures.ts';

const names = ['invoices', 'tags'] as const;
const fields = ['--fields', 'name:string'];

describe('two commands at once in one project', () => {
  const rounds = Array.from({ length: 2 * countOf('KILLS') }, (_, round) => ({ round }));
  const start = lastingFolder('at-once');

  beforeAll(() => {
    writeTree(render(answersOf(), templates, { version }), join(start, 'shop'));
  });

  test.each(rounds)('each is made whole, or refused and not there, round $round', async () => {
    const folder = join(temporaryFolder('at-once'), 'shop');
    cpSync(join(start, 'shop'), folder, { recursive: true });
    const run = (name: string) =>
      cli(['add-domain', name, ...fields, '--no-install'], { cwd: folder, program: 'shipkit' });
    const ran = await Promise.all(names.map(run));

    const made = names.filter((_, index) => ran[index]?.exitCode === 0);
    expect(made.length, ran.map(({ stderr }) => stderr).join('\n')).toBeGreaterThan(0);
    expect(domainsIn(folder)).toEqual(made);
    for (const [index, { exitCode, stderr }] of ran.entries()) {
      if (exitCode === 0) continue;
      expect(exitCode, stderr).toBe(3);
      expect(stderr.split('\n')).toHaveLength(1);
      expect(Object.keys(contentOf(folder)).join('\n')).not.toContain(
        `src/domains/${names[index] ?? ''}/`,
      );
    }
  });
});

test('a command that opened the project before another changed it writes nothing', async () => {
  const folder = projectOf(answersOf());
  const { signal } = new AbortController();
  const early = await openProject(folder, { version, signal, onRecovery: () => undefined });
  await change(folder, withDomain('invoices'));
  const standing = contentOf(folder);
  const late = change(folder, withDomain('tags'), { project: early });
  await expect(late).rejects.toMatchObject({
    exitCode: 3,
    code: 'edited-meanwhile',
    message: 'Another command changed this project meanwhile: nothing was written, run this again.',
  });
  expect(contentOf(folder)).toEqual(standing);
});

function withDomain(name: string): ProjectAnswers {
  return answersWithDomain(answersOf(), { name, fields: parseFields('name:string') });
}

function domainsIn(folder: string): string[] {
  const manifest = JSON.parse(read(folder, '.shipkit/manifest.json')) as {
    answers: ProjectAnswers;
  };
  return manifest.answers.domains.map(({ name }) => name).toSorted();
}
