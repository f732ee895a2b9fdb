import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalog } from '../../src/catalog/features.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { presetOf } from '../../src/catalog/resolve.ts';
import { cli, workFolder } from './support/cli.ts';

const shipkit = (cwd: string) => ({ cwd, program: 'shipkit' as const });

async function project(): Promise<string> {
  const cwd = workFolder();
  await cli(['shop', '--yes', '--tier=professional', '--no-install', '--no-git'], { cwd });
  return join(cwd, 'shop');
}

/** Writes the manifest anew, as somebody's hand would. */
function change(folder: string, edit: (text: string) => string): void {
  const file = join(folder, '.shipkit', 'manifest.json');
  writeFileSync(file, edit(readFileSync(file, 'utf8')));
}

const session = { version: '0.0.0', cwd: '.', signal: new AbortController().signal };
const program = buildProgram('shipkit', session);
const commands = program.commands.map((command) => command.name());

describe('info', () => {
  test('finds the project from any folder inside it', async () => {
    const folder = await project();
    const { stdout, exitCode } = await cli(
      ['info', '--json'],
      shipkit(join(folder, 'src', 'http')),
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      folder,
      answers: { name: 'shop', tier: 'professional', features: [], without: [] },
      features: presetOf('professional'),
    });
  });

  test('tells a reader the answers and the version', async () => {
    const folder = await project();
    const { stdout } = await cli(['info', '--cwd', 'shop'], shipkit(join(folder, '..')));
    expect(stdout).toMatch(/Project +shop\n/);
    expect(stdout).toMatch(/Made by +create-shipkit \d+\.\d+\.\d+\n/);
    expect(stdout).toMatch(new RegExp(`Features +${presetOf('professional').join(', ')}\\n`));
  });

  test('takes the nearest project', async () => {
    const outer = await project();
    mkdirSync(join(outer, 'inner', '.shipkit'), { recursive: true });
    const manifest = readFileSync(join(outer, '.shipkit', 'manifest.json'), 'utf8');
    const inner = manifest.replace('"name": "shop"', '"name": "inner"');
    writeFileSync(join(outer, 'inner', '.shipkit', 'manifest.json'), inner);
    const { stdout } = await cli(['info', '--json'], shipkit(join(outer, 'inner')));
    expect(JSON.parse(stdout)).toMatchObject({ answers: { name: 'inner' } });
  });

  test.each([
    ['no JSON', () => '{', 'is missing or damaged: let it be made anew by shipkit doctor --fix'],
    ['conflict markers', (text: string) => `<<<<<<< ours\n${text}`, 'is missing or damaged'],
    ['a strange tier', (text: string) => text.replace('"professional"', '"gold"'), 'answers.tier'],
    [
      'a broken fingerprint',
      (text: string) => text.replace(/(?<=\.ts": ")[0-9a-f]{64}/, 'x'),
      'at files',
    ],
    [
      'a newer version',
      (text: string) => text.replace(/"version": ".*"/, '"version": "99.0.0", "new": 1'),
      /made by version 99\.0\.0, and this is \d+\.\d+\.\d+: give the command to npx create-shipkit@99\.0\.0\./,
    ],
  ])('a manifest with %s is one sentence and exit code 3', async (_, edit, message) => {
    const folder = await project();
    change(folder, edit);
    const { exitCode, stderr, stdout } = await cli(['info'], shipkit(folder));
    expect(exitCode).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr.split('\n')).toHaveLength(1);
  });

  test.each([[['info']], [['info', '--cwd', 'nowhere']]])(
    'outside a project %j is one sentence and exit code 3',
    async (args) => {
      const { exitCode, stderr } = await cli(args, shipkit(workFolder()));
      expect(exitCode).toBe(3);
      expect(stderr).toMatch('is not in a project made by create-shipkit');
    },
  );
});

describe('features', () => {
  test('lists what can be had, and nothing else', async () => {
    const { stdout } = await cli(['features', '--json'], shipkit(workFolder()));
    const { features } = JSON.parse(stdout) as { features: { name: string }[] };
    const offered = catalog.filter((feature) => feature.offered).map(({ name }) => name);
    expect(features.map(({ name }) => name)).toEqual(offered);
  });
});

describe('schema', () => {
  test('prints a JSON Schema', async () => {
    const { stdout } = await cli(['schema'], shipkit(workFolder()));
    expect(JSON.parse(stdout)).toMatchObject({ type: 'object', additionalProperties: false });
  });
});

test.each(commands)('%s knows --json', (command) => {
  const options = program.commands.find((one) => one.name() === command)?.options ?? [];
  expect(options.map(({ long }) => long)).toContain('--json');
});

test.each(['bash', 'zsh', 'fish'])('completion %s --json is one object', async (shell) => {
  const plain = await cli(['completion', shell], shipkit(workFolder()));
  const { stdout } = await cli(['completion', shell, '--json'], shipkit(workFolder()));
  expect(JSON.parse(stdout)).toEqual({ ok: true, shell, script: `${plain.stdout}\n` });
});

describe('help', () => {
  test.each(commands)('of %s has examples', async (command) => {
    const { stdout, exitCode } = await cli([command, '--help'], shipkit(workFolder()));
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Examples:');
  });

  test.each(['create-shipkit', 'shipkit'] as const)(
    'of %s lists every command, and no feature that is not there',
    async (name) => {
      const { stdout } = await cli(['--help'], { cwd: workFolder(), program: name });
      for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
      const words = stdout.split(/[\s,]+/);
      const absent = catalog.filter(({ offered }) => !offered).map((one) => one.name);
      expect(absent.filter((one) => words.includes(one))).toEqual([]);
    },
  );

  test('has no colours where nobody sees them', async () => {
    const { stdout } = await cli(['--help'], { cwd: workFolder(), env: { FORCE_COLOR: '' } });
    expect(stdout).not.toContain('\u001B');
  });
});
