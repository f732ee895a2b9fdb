// What Prometheus itself says of the metrics of a service that runs, and of its alerts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { beforeAll, expect, inject, test } from 'vitest';

import { packages } from '../../scripts/lib/packages.ts';
import { freePort } from '../../scripts/lib/port.ts';
import { everything } from './support/choices.ts';
import { boot, makeProject, prepare, type Project } from './support/project.ts';

const rules = 'deploy/prometheus/alerts.yml';

let project: Project;
let text: string;

beforeAll(async () => {
  project = await makeProject(everything);
  const METRICS_PORT = String(await freePort());
  const settings = { ...(await prepare(project, inject('serverUrl'))), METRICS_PORT };
  const file = join(project.folder, 'last-good-restore');
  const running = await boot(project, { ...settings, RESTORE_CHECK_FILE: file });
  await running.api.newUser();
  const wrong = { email: 'nobody@example.com', password: 'a wrong password' };
  await fetch(`${running.api.url}/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(wrong),
  });
  text = await (await fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`)).text();
  running.program.signal('SIGTERM');
  expect(await running.program.exitCode).toBe(0);
});

test.runIf(process.platform === 'linux')('promtool finds nothing to say', async () => {
  const promtool = join(await packages('prometheus'), 'usr/bin/promtool');
  const check = (kind: string, args: string[], input = '') =>
    execa(promtool, ['check', kind, ...args], {
      cwd: project.folder,
      input,
      reject: false,
      all: true,
    });
  expect(await check('metrics', [], text)).toMatchObject({ exitCode: 0, all: '' });
  expect(await check('rules', [rules])).toMatchObject({ exitCode: 0 });
});

test('every alert asks for a metric that is there', () => {
  const expressions = readFileSync(join(project.folder, rules), 'utf8').matchAll(/expr: (.*)$/gm);
  const asked = [...expressions].flatMap(([, expression = '']) => [
    ...expression.replaceAll(/"[^"]*"/g, '').matchAll(/\b[a-z]+(?:_[a-z\d]+)+\b(?!\()|\bjobs\b/g),
  ]);
  // By Prometheus: `up`; its functions have a bracket.
  const names = new Set(asked.map(([name]) => name));
  expect(names.size).toBeGreaterThan(8);
  expect([...names].filter((name) => !new RegExp(`^${name}[ {]`, 'm').test(text))).toEqual([]);
});
