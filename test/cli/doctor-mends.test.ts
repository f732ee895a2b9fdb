// The commands that doctor names are run, and mend what it found.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execaSync } from 'execa';
import { describe, expect, test } from 'vitest';
import { builtPackage } from './support/built.ts';
import { allContentOf, edit, write } from './support/changed.ts';
import { strangersEnvironment, temporaryFolder } from './support/cli.ts';
import { project, shipkit } from './support/commands.ts';
import { doctor } from './support/doctor.ts';
import { commit, git } from './support/git.ts';

const lost: readonly [string, RegExp][] = [
  ['src/log.ts', /imports \S+log\.ts/],
  ['src/settings.ts', /^src\/settings\.ts is missing/],
  ['src/domains/auth', /lists src\/domains\/auth, and there/],
  ['package.json', /^There is no package\.json/],
  ['migrations/0000_initial.sql', /is listed and missing/],
  ['migrations/meta/_journal.json', /is missing/],
];

describe.each(lost)(
  'what is gone of %s comes back by the command that doctor names',
  (file, told) => {
    test('from the index', async () => {
      const { before, after } = await loseAndMend(await project(), file, told);
      expect(after).toEqual(before);
    });

    test('from the commit before, where its loss was committed', async () => {
      const { before, after } = await loseAndMend(await project(), file, told, (folder) =>
        commit(folder, 'lost'),
      );
      expect(after).toEqual(before);
    });

    test('in a folder of a larger repository', async () => {
      const shop = await project('--no-git');
      const top = temporaryFolder('mono');
      cpSync(shop, join(top, 'api'), { recursive: true });
      git(top, 'init', '-q', '-b', 'main');
      commit(top, 'all');
      const { before, after } = await loseAndMend(join(top, 'api'), file, told);
      expect(after).toEqual(before);
    });
  },
);

test.each(lost.filter(([file]) => !file.startsWith('migrations/')))(
  'without a repository %s comes back as it was generated',
  async (file, told) => {
    const { before, after } = await loseAndMend(await project('--no-git'), file, told);
    expect(after).toEqual(before);
  },
);

test.each(lost.filter(([file]) => file.startsWith('migrations/')))(
  'without a repository nobody has %s, and doctor says so',
  async (file, told) => {
    const folder = await project('--no-git');
    rmSync(join(folder, file));
    const found = (await doctor(folder)).findings.find(({ message }) => told.test(message));
    expect(found?.message).toMatch(/: restore it from a backup\.$/);
    expect(found?.mend).toBeUndefined();
  },
);

async function loseAndMend(
  folder: string,
  file: string,
  told: RegExp,
  then: (folder: string) => void = () => undefined,
): Promise<{ before: object; after: object }> {
  const before = allContentOf(folder);
  rmSync(join(folder, file), { recursive: true });
  then(folder);
  const found = (await doctor(folder)).findings.find(({ message }) => told.test(message));
  const bin = join(temporaryFolder('bin'), 'bin');
  mkdirSync(bin);
  write(
    bin,
    'shipkit',
    `#!/bin/sh\nexec '${process.execPath}' '${join(builtPackage(), 'bin', 'shipkit.js')}' "$@"\n`,
  );
  const env = strangersEnvironment(folder);
  execaSync('sh', ['-c', `chmod +x ${bin}/shipkit; PATH=${bin}:$PATH; ${found?.mend}`], {
    cwd: folder,
    env,
    extendEnv: false,
  });
  return { before, after: allContentOf(folder) };
}

test('a folder from which the commands cannot be run is told for which they are', async () => {
  const folder = await project('--no-git');
  const { stdout } = await shipkit(['doctor'], join(folder, 'src'));
  expect(stdout).toContain(`These commands are for the folder ${folder}.`);
  expect((await shipkit(['doctor'], folder)).stdout).not.toContain('for the folder');
});

test('secrets in a larger repository are found', async () => {
  const folder = await project('--no-git');
  write(folder, '.env', 'PORT=1\n');
  git(dirname(folder), 'init', '-q', '-b', 'main');
  git(dirname(folder), 'add', '-Af');
  const { findings } = await doctor(folder);
  expect(findings.map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/^\.env is in the git repository/),
  );
});

test('in the midst of a merge, doctor --fix comes before a person', async () => {
  const folder = await project('--no-git');
  edit(folder, '.shipkit/manifest.json', (text) => `<<<<<<< a\n${text}=======\n${text}>>>>>>> b\n`);
  const { findings } = await doctor(folder);
  const mends = findings.filter(({ severity }) => severity === 'error').map(({ mend }) => mend);
  expect(new Set(mends)).toEqual(new Set(['shipkit doctor --fix']));
});

describe('the Node that package.json asks for', () => {
  test.each([
    ['^99.1', /asks for \^99\.1/],
    ['<24', /asks for <24/],
    ['30.x || >=99', /asks for/],
    ['the newest', /names no versions/],
  ])('as %s is another', async (wish, told) => {
    expect(await nodeAskedFor(wish)).toMatch(told);
  });

  test.each(['>=24.12', '24.x || 99', '*'])('as %s is this one', async (wish) => {
    expect(await nodeAskedFor(wish)).toBeUndefined();
  });
});

async function nodeAskedFor(wish: string): Promise<string | undefined> {
  const folder = await project('--no-git');
  edit(folder, 'package.json', (text) => text.replace('>=24.11', wish));
  return (await doctor(folder)).findings.find(({ check }) => check === 'node')?.message;
}

describe('the lockfile of pnpm', () => {
  const lock = (own: string) =>
    `lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n${own}\npackages:\n\n  cors@2.8.6:\n    resolution: {}\n`;

  test.each([
    ['is missing', undefined, /^There is no pnpm-lock\.yaml/],
    ['is something else', 'x', /^There is no pnpm-lock\.yaml/],
    ['names other versions', 'odd', /^pnpm-lock\.yaml is not in step with package\.json \(zod\)/],
    ['names the same', 'same', /^The packages are not installed/],
  ])('that %s', async (_, kind, told) => {
    const folder = await project('--no-git', '--package-manager', 'pnpm');
    const { default: wishes } = (await import(join(folder, 'package.json'), {
      with: { type: 'json' },
    })) as { default: Record<'dependencies' | 'devDependencies', Record<string, string>> };
    const own = (['dependencies', 'devDependencies'] as const)
      .map((name) => {
        const lines = Object.entries(wishes[name]).map(([one, version]) => {
          const quoted = one.startsWith('@') ? `'${one}'` : one;
          const wish = kind === 'odd' && one === 'zod' ? '9.9.9' : version;
          return `      ${quoted}:\n        specifier: ${wish}\n        version: ${wish}\n`;
        });
        return `    ${name}:\n${lines.join('')}`;
      })
      .join('');
    if (kind !== undefined) write(folder, 'pnpm-lock.yaml', kind === 'x' ? 'x' : lock(own));
    const found = (await doctor(folder)).findings.find(({ check }) => check === 'packages');
    expect(found?.message).toMatch(told);
    expect(found?.mend).toBe('pnpm install');
  });
});
