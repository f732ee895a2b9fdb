import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contentOf, edit, read } from './support/changed.ts';
import { project, shipkit } from './support/commands.ts';
import { commit } from './support/git.ts';

const domain = '--domain=app.example.com';
const toDocker = ['deploy-config', '--target=docker', domain];

/** Runs a command that has to succeed. */
async function run(folder: string, ...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await shipkit(args, folder);
  expect(exitCode, stderr).toBe(0);
  return stdout;
}

async function runAsProgram(folder: string, ...args: string[]): Promise<Record<string, unknown>> {
  return JSON.parse(await run(folder, ...args, '--json')) as Record<string, unknown>;
}

describe('deploy-config', () => {
  test('adds the feature where it is not there, says so, and writes the target alone', async () => {
    const folder = await project();
    const stdout = await run(folder, ...toDocker);
    expect(stdout).toContain('deploy added [deploy-config needs it]');
    expect(stdout).toMatch(/^new {6}Dockerfile$/m);
    expect(stdout).toContain('Next: the checklist in deploy/docker/README.md');
    expect(existsSync(join(folder, 'deploy/vps'))).toBe(false);
    expect(read(folder, 'deploy/docker/compose.yml')).toContain('https://app.example.com\n');
    expect(JSON.parse(read(folder, '.shipkit/manifest.json'))).toMatchObject({
      answers: { features: ['deploy'], deploy: { domain: 'app.example.com', docker: {} } },
    });
  });

  test('lets several targets stand side by side, with one domain and one image', async () => {
    const folder = await project('--no-git');
    await run(folder, ...toDocker, '--instances=3');
    await run(folder, 'deploy-config', '--target=kubernetes', '--image=registry.example.com/app');
    const { answers } = await runAsProgram(
      folder,
      'deploy-config',
      '--target=vps',
      '--node=24.11.0',
    );
    expect(answers).toMatchObject({
      deploy: {
        domain: 'app.example.com',
        image: { name: 'registry.example.com/app' },
        vps: { node: '24.11.0' },
        docker: { instances: 3 },
        kubernetes: {},
      },
    });
    for (const target of ['vps', 'docker', 'kubernetes']) {
      expect(existsSync(join(folder, 'deploy', target)), target).toBe(true);
    }
    expect(read(folder, 'deploy/docker/compose.yml')).toContain('registry.example.com/app:${TAG');
    expect(await run(folder, 'info')).toMatch(/Deployment +vps, docker, kubernetes \(app\.example/);
  });

  test('run again it changes what is given, and keeps the rest and the edits', async () => {
    const folder = await project();
    await run(folder, ...toDocker, '--instances=3', '--db=managed');
    edit(folder, 'deploy/docker/compose.yml', (text) =>
      text.replace('mem_limit: 512m', 'mem_limit: 768m'),
    );
    commit(folder);
    await run(folder, 'deploy-config', '--target=docker', '--domain=shop.example.com');
    const compose = read(folder, 'deploy/docker/compose.yml');
    expect(compose).toContain('APP_ORIGIN: https://shop.example.com\n');
    expect(compose).toContain('mem_limit: 768m\n');
    expect(compose).toContain('replicas: 3\n');
    expect(compose).not.toContain('mysql:8.4');
  });

  test('takes a target out again, and leaves the others', async () => {
    const folder = await project('--no-git');
    await run(folder, ...toDocker);
    const standing = contentOf(folder);
    await run(folder, 'deploy-config', '--target=vps', '--user=shop');
    await run(folder, 'deploy-config', '--target=vps', '--remove');
    expect(contentOf(folder)).toEqual(standing);
  });

  test('goes with the feature, and leaves nothing', async () => {
    const folder = await project('--no-git');
    const standing = contentOf(folder);
    await run(folder, ...toDocker);
    await run(folder, 'remove', 'deploy');
    expect(contentOf(folder)).toEqual(standing);
  });

  test('what a config file says is what the command writes', async () => {
    const folder = await project('--no-git');
    const { exitCode, stderr } = await shipkit(
      ['create', 'shop', '--config', '-', '--yes', '--no-install', '--no-git'],
      join(folder, '..', '..'),
      {
        input: JSON.stringify({
          features: ['deploy'],
          deploy: { domain: 'App.Example.com', docker: { db: 'managed' } },
        }),
      },
    );
    expect(exitCode, stderr).toBe(0);
    await run(folder, ...toDocker, '--db=managed');
    expect(contentOf(join(folder, '..', '..', 'shop'))).toEqual(contentOf(folder));
  });

  test.each(['vps', 'docker', 'kubernetes'])(
    'prints the checklist of %s, also for programs, and writes nothing',
    async (target) => {
      const folder = await project();
      const before = contentOf(folder);
      const image = target === 'kubernetes' ? ['--image=registry.example.com/app'] : [];
      const args = ['deploy-config', `--target=${target}`, domain, ...image, '--print-checklist'];
      const { checklist } = (await runAsProgram(folder, ...args)) as {
        checklist: { text: string; commands: string[] }[];
      };
      expect(checklist.length).toBeGreaterThan(0);
      const stdout = await run(folder, ...args);
      for (const { text, commands } of checklist) {
        for (const line of [text, ...commands]) expect(stdout).toContain(line);
        expect(text).not.toContain('```');
      }
      expect(contentOf(folder)).toEqual(before);
    },
  );

  test('the checklist is the one in the README of the target', async () => {
    const folder = await project('--no-git');
    await run(folder, ...toDocker);
    const readme = oneSpaced(read(folder, 'deploy/docker/README.md'));
    const found = await runAsProgram(
      folder,
      'deploy-config',
      '--target=docker',
      '--print-checklist',
    );
    for (const { text, commands } of found['checklist'] as { text: string; commands: string[] }[]) {
      for (const line of [text, ...commands]) expect(readme).toContain(oneSpaced(line));
    }
  });
});

function oneSpaced(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

describe('what cannot be is one sentence, exit code 2, and nothing is written:', () => {
  test.each<[string[], string]>([
    [[], 'these must be given: --target.'],
    [['--target=docker'], 'these must be given: --domain.'],
    [['--target=kubernetes'], 'these must be given: --domain, --image.'],
    [['--target=dokcer', domain], '--target: there is no target "dokcer"; did you mean docker?'],
    [['--target=heroku', domain], 'there is no target "heroku": it is vps, docker, kubernetes'],
    [['--target=vps', '--domain=192.0.2.1'], '--domain: "192.0.2.1" is an address'],
    [['--target=vps', '--domain=2001:db8::1'], '--domain: "2001:db8::1" is an address'],
    [['--target=vps', '--domain=https://example.com'], 'has a scheme'],
    [['--target=vps', '--domain=localhost'], 'has no dot'],
    [['--target=vps', '--domain=*.example.com'], 'has a wildcard'],
    [['--target=vps', domain, '--path=/etc/shop'], '--path: "/etc/shop" lies in /etc'],
    [['--target=vps', domain, '--path=/srv/../etc'], '--path: "/srv/../etc" has . or ..'],
    [['--target=vps', domain, '--path=srv'], '--path: "srv" is not absolute'],
    [['--target=vps', domain, '--user=root'], '--user: "root" is a user of the system'],
    [['--target=vps', domain, '--user=Shop'], '--user: "Shop" does not start'],
    [['--target=vps', domain, '--instances=0'], '--instances: "0" is not a whole number'],
    [['--target=vps', domain, '--instances=two'], '--instances: '],
    [['--target=vps', domain, '--node=22'], '--node: "22" is too old'],
    [['--target=docker', domain, '--node=v24'], '--node: "v24" is no version'],
    [['--target=docker', domain, '--image=app:1'], '--image: "app:1" has a tag'],
    [['--target=docker', domain, '--db=remote'], '--db: there is no place "remote"'],
    [['--target=docker', domain, '--user=shop'], '--user is nothing that docker has'],
    [['--target=kubernetes', domain, '--db=local'], '--db is nothing that kubernetes has'],
    [['--target=docker', '--print-checklist'], 'these must be given: --domain.'],
    [['--target=kubernetes', domain, '--print-checklist'], 'these must be given: --image.'],
    [['--target=docker', '--domain=app.example.invalid'], 'ends in .invalid'],
    [['--target=docker', '--remove', domain], '--remove goes with --target alone.'],
    [['--target=docker', '--remove', '--print-checklist'], '--remove goes with --target alone.'],
    [['--target=docker', '--remove'], 'The project has no target docker (there is none).'],
    [['--target=docker', domain, 'now'], 'oo many arguments'],
    [['--traget', 'docker'], 'did you mean --target?'],
  ])('%j', async (args, message) => {
    const folder = await project('--no-git');
    const before = contentOf(folder);
    const { exitCode, stderr, stdout } = await shipkit(['deploy-config', ...args], folder);
    expect(exitCode, stderr).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr.split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
    expect(contentOf(folder)).toEqual(before);
  });

  test('the only target is not taken out, but the feature is', async () => {
    const folder = await project('--no-git');
    await run(folder, 'add', 'deploy');
    const { exitCode, stderr } = await shipkit(
      ['deploy-config', '--target=vps', '--remove'],
      folder,
    );
    expect(exitCode).toBe(2);
    expect(stderr).toContain('vps is the only target of the project: shipkit remove deploy');
  });
});

test('an edit in the lines that it changes is a conflict, and nothing is written', async () => {
  const folder = await project('--no-git');
  await run(folder, ...toDocker);
  edit(folder, 'deploy/docker/compose.yml', (text) =>
    text.replace('https://app.example.com', 'https://mine.example.com'),
  );
  const before = contentOf(folder);
  const args = ['deploy-config', '--target=docker', '--domain=shop.example.com'];
  const { exitCode, stderr } = await shipkit(args, folder);
  expect(exitCode).toBe(4);
  expect(stderr).toContain('nothing was written');
  expect(contentOf(folder)).toEqual(before);
});
