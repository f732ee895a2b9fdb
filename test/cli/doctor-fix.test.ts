import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contentOf, edit, read, write } from './support/changed.ts';
import { project, shipkit } from './support/commands.ts';
import { clashing, doctor } from './support/doctor.ts';
import { git } from './support/git.ts';

describe('doctor --fix', () => {
  test('makes a base that is gone anew, byte for byte', async () => {
    const folder = await project();
    const before = contentOf(folder);
    rmSync(join(folder, '.shipkit', 'base.br'));
    expect((await doctor(folder, '--fix')).fixed).toEqual(['.shipkit/base.br was made whole.']);
    expect(contentOf(folder)).toEqual(before);
  });

  test.each<[string, (folder: string) => void]>([
    ['a manifest that is gone', (folder) => rmSync(join(folder, '.shipkit', 'manifest.json'))],
    ['one that is no JSON', (folder) => write(folder, '.shipkit/manifest.json', '{')],
    [
      'one whose answers were edited by hand',
      (folder) =>
        edit(folder, '.shipkit/manifest.json', (text) =>
          text.replace('"type": "string"', '"type": "text"'),
        ),
    ],
    [
      'one whose fingerprints were edited by hand',
      (folder) =>
        edit(folder, '.shipkit/manifest.json', (text) =>
          text.replace(/^ *"README\.md": .*\n/m, ''),
        ),
    ],
  ])('makes %s anew, byte for byte, without git', async (_, damage) => {
    const folder = await project('--no-git');
    await shipkit(['add-domain', 'labels', '--fields', 'name:string'], folder);
    const before = contentOf(folder);
    damage(folder);
    const refused = await shipkit(['add', 'ci'], folder);
    expect(refused.exitCode).toBe(3);
    expect(refused.stderr).toContain('shipkit doctor --fix');
    const { fixed } = await doctor(folder, '--fix');
    expect(fixed).toEqual(['.shipkit/manifest.json was made whole.']);
    expect(contentOf(folder)).toEqual(before);
  });

  test('leaves a domain that the project cannot be without in the lists', async () => {
    const folder = await project('--no-git');
    rmSync(join(folder, 'src/domains/auth'), { recursive: true });
    const before = contentOf(folder);
    await doctor(folder, '--fix');
    expect(contentOf(folder)).toEqual(before);
  });

  test('prints with --dry-run what it would write', async () => {
    const folder = await project();
    await shipkit(['add-domain', 'labels', '--fields', 'name:string'], folder);
    const whole = contentOf(folder);
    edit(folder, 'src/domains/index.ts', (text) => text.replaceAll(/.*labels.*\n/g, ''));
    const before = contentOf(folder);
    const { stdout } = await shipkit(['doctor', '--fix', '--dry-run'], folder);
    expect(contentOf(folder)).toEqual(before);
    write(folder, 'mend.patch', `${stdout}\n`);
    git(folder, 'apply', 'mend.patch');
    rmSync(join(folder, 'mend.patch'));
    expect(contentOf(folder)).toEqual(whole);
  });

  test('puts into the lists what is in the folders, and takes out what is not', async () => {
    const folder = await project();
    await shipkit(['add-domain', 'customers', '--fields', 'name:string'], folder);
    const before = contentOf(folder);
    edit(folder, 'src/domains/index.ts', (text) => text.replaceAll(/.*customers.*\n/g, ''));
    edit(folder, 'src/database/schema.ts', (text) => text.replaceAll(/.*customers.*\n/g, ''));
    await doctor(folder, '--fix');
    expect(contentOf(folder)).toEqual(before);

    rmSync(join(folder, 'src/domains/customers'), { recursive: true });
    await doctor(folder, '--fix');
    expect(read(folder, 'src/domains/index.ts')).not.toContain('customers');
    expect(read(folder, 'src/database/schema.ts')).not.toContain('customers');
  });

  test.each<[string, () => Promise<string>]>([
    ['a sound project', () => project()],
    ['one that it cannot mend', damaged],
    ['one whose branches contradict', clashing],
  ])('or doctor drops what an interrupted command prepared in %s, and says so', async (_, make) => {
    const folder = await make();
    const before = contentOf(folder);
    for (const args of [['doctor'], ['doctor', '--fix']]) {
      write(folder, '.shipkit/txn/0', 'x');
      const { stderr, stdout } = await shipkit(args, folder);
      expect(stderr).toContain('The last command was interrupted before it had changed anything.');
      expect(stdout).not.toContain('interrupted');
      expect(contentOf(folder)).toEqual(before);
    }
  });
});

async function damaged(): Promise<string> {
  const folder = await project();
  write(folder, '.shipkit/manifest.json', '{');
  write(folder, '.shipkit/base.br', 'x');
  return folder;
}
