import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalog, offeredIn } from '../../src/catalog/features.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { cli, temporaryFolder } from './support/cli.ts';

const session = { version: '0.0.0', cwd: '.', signal: new AbortController().signal };
const program = buildProgram('shipkit', session);
const commands = program.commands.map((command) => command.name());
const features = offeredIn(catalog).map(({ name }) => name);

function has(shell: string): boolean {
  return spawnSync(shell, ['-c', 'true']).status === 0;
}

async function script(shell: string): Promise<string> {
  const { stdout, exitCode } = await cli(['completion', shell], {
    cwd: temporaryFolder('completion'),
    program: 'shipkit',
  });
  expect(exitCode).toBe(0);
  const file = join(temporaryFolder('script'), `shipkit.${shell}`);
  writeFileSync(file, `${stdout}\n`);
  return file;
}

describe.skipIf(!has('bash'))('in bash', () => {
  async function complete(...words: string[]): Promise<string[]> {
    const file = await script('bash');
    const line = words.map((word) => `'${word}'`).join(' ');
    const ask = `source ${file}; COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _shipkit; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, status, stderr } = spawnSync('bash', ['-uc', ask], { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    return stdout.split('\n').filter((word) => word !== '');
  }

  test('every command is offered', async () => {
    expect(await complete('shipkit', '')).toEqual(expect.arrayContaining(commands));
    expect(await complete('shipkit', 'add-')).toEqual(['add-domain']);
  });

  test.each(commands)('every option of %s is offered', async (name) => {
    const command = program.commands.find((one) => one.name() === name);
    const wanted = command?.options.map(({ long }) => long ?? '') ?? [];
    expect(await complete('shipkit', name, '--')).toEqual(expect.arrayContaining(wanted));
  });

  test('features, tiers, shells and folders are offered where they belong', async () => {
    expect(await complete('shipkit', 'add', '')).toEqual(features);
    expect(await complete('shipkit', 'add', '--tier', 'p')).toEqual(['professional']);
    expect(await complete('shipkit', 'completion', 'z')).toEqual(['zsh']);
    expect(await complete('shipkit', 'info', '--cwd', '/usr/bi')).toContain('/usr/bin');
  });
});

describe.skipIf(!has('zsh'))('in zsh', () => {
  test('the script is read, and offers every command', async () => {
    const file = await script('zsh');
    const ask = `compdef() { :; }; _describe() { print -l -- "\${(@P)2}"; }; source ${file}; words=(shipkit ''); CURRENT=2; _shipkit`;
    const { stdout, status, stderr } = spawnSync('zsh', ['-fc', ask], { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    const offered = stdout.split('\n').map((line) => line.split(':')[0]);
    expect(offered).toEqual(expect.arrayContaining(commands));
  });
});

describe.skipIf(!has('fish'))('in fish', () => {
  test('the script is read, and offers every command', async () => {
    const file = await script('fish');
    const ask = `source ${file}; complete -C 'shipkit '`;
    const { stdout, status, stderr } = spawnSync('fish', ['--no-config', '-c', ask], {
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    const offered = stdout.split('\n').map((line) => line.split('\t')[0]);
    expect(offered).toEqual(expect.arrayContaining(commands));
  });
});

test.each(['zsh', 'fish'])(
  'the script for %s has its quotes and brackets in pairs',
  async (shell) => {
    const { stdout } = await cli(['completion', shell], {
      cwd: temporaryFolder('completion'),
      program: 'shipkit',
    });
    for (const line of stdout.split('\n').filter((one) => !one.startsWith('#'))) {
      const bare = line.replaceAll(String.raw`\'`, '');
      expect((bare.match(/'/g) ?? []).length % 2, line).toBe(0);
    }
    for (const name of commands) expect(stdout).toContain(name);
  },
);
