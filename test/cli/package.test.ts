import { readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { npmCommand, npmEnvironment } from '../../scripts/lib/npm.js';
import { root } from '../../scripts/lib/root.ts';
import { builtPackage } from './support/built.ts';
import { listing, temporaryFolder, workFolder } from './support/cli.ts';

const limit = 750_000;

interface Packed {
  filename: string;
  size: number;
  files: { path: string }[];
}

describe('the published package', () => {
  test('has the programs, what they run, and nothing else', async () => {
    const { packed } = await pack(temporaryFolder('pack'));
    const paths = packed.files.map(({ path }) => path);
    const allowed = /^(bin\/[\w-]+\.js|dist\/.*|package\.json|README\.md|CHANGELOG\.md|LICENSE)$/;
    expect(paths.filter((path) => !allowed.test(path))).toEqual([]);
    expect(paths).toEqual(expect.arrayContaining(['bin/create-shipkit.js', 'dist/main.js']));
    expect(paths.filter((path) => path.endsWith('.map'))).toEqual([]);
  });

  test(`is at most ${limit / 1000} kB`, async () => {
    const { file } = await pack(temporaryFolder('pack'));
    expect(statSync(file).size).toBeLessThanOrEqual(limit);
  });

  test('depends on nothing', () => {
    const text = readFileSync(join(builtPackage(), 'package.json'), 'utf8');
    const packageJson = JSON.parse(text) as Record<string, unknown>;
    const kinds = ['dependencies', 'optionalDependencies', 'peerDependencies'];
    for (const kind of kinds) expect(packageJson).not.toHaveProperty(kind);
    expect(packageJson['scripts']).not.toHaveProperty('postinstall');
  });

  test('carries the license of everything in it', () => {
    const text = readFileSync(join(builtPackage(), 'dist', 'LICENSES.txt'), 'utf8');
    for (const name of ['@clack/prompts', 'commander', 'handlebars', 'nano-spawn', 'zod']) {
      expect(text).toContain(`${name}\n`);
    }
  });
});

describe('npx with the tarball', () => {
  test('makes a project in an empty folder, installing one package', async () => {
    const cwd = workFolder();
    const { file } = await pack(temporaryFolder('pack'));
    renameSync(file, join(cwd, '..', 'create-shipkit.tgz'));
    const cache = temporaryFolder('npm-cache');
    const flags = ['--yes', '--no-install', '--no-git'];
    // An absolute path would be taken for a program.
    const { stdout } = await npm(
      cwd,
      [
        'exec',
        '--yes',
        '--package=../create-shipkit.tgz',
        '--',
        'create-shipkit',
        'shop',
        ...flags,
      ],
      { npm_config_cache: cache },
    );
    expect(stdout).toContain('shop (starter with billing, admin)');
    expect(listing(cwd)).toContain('shop/package.json');
    const installed = listing(cache).filter((path) =>
      /^_npx\/[^/]+\/node_modules\/[^/.]+\/$/.test(path),
    );
    expect(installed.map((path) => path.split('/').at(-2))).toEqual(['create-shipkit']);
  });
});

async function pack(into: string): Promise<{ file: string; packed: Packed }> {
  const args = ['pack', '--json', '--ignore-scripts', `--pack-destination=${into}`];
  const { stdout } = await npm(builtPackage(), args);
  const [packed] = JSON.parse(stdout) as Packed[];
  if (packed === undefined) throw new Error(`npm pack said nothing: ${stdout}`);
  return { file: join(into, packed.filename), packed };
}

async function npm(cwd: string, line: string[], env: Record<string, string> = {}) {
  const { command, args, shell } = npmCommand(process.execPath, line);
  const surroundings = npmEnvironment(root, { ...process.env, ...env });
  return execa(command, args, { cwd, shell, env: surroundings, extendEnv: false });
}
