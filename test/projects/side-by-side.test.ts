import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { afterEach, expect, test } from 'vitest';

import { Api } from '../../scripts/lib/api.ts';
import { cleanEnvironment } from '../../scripts/lib/environment.ts';
import { npmCommand } from '../../scripts/lib/npm.js';
import { freePort } from '../../scripts/lib/port.ts';
import { Program } from '../../scripts/lib/program.ts';
import { root } from '../../scripts/lib/root.ts';
import { everything, plain } from './support/choices.ts';
import { processesIn } from './support/processes.ts';
import { makeProject, type Project } from './support/project.ts';

const programs: Program[] = [];

afterEach(async () => {
  await Promise.all(programs.map((program) => program.stop('SIGINT')));
});

test('two projects are developed side by side, and Ctrl-C leaves no process of theirs', async () => {
  const [one, other] = await Promise.all([makeProject(plain), makeProject(everything)]);
  const first = await develop(one);
  const second = await develop(other);

  const email = 'ada@example.com';
  await first.api.newUser(email);
  await second.api.newUser(email);

  const staged = await first.keys('stage', '--json');
  expect(staged.exitCode, staged.stderr).toBe(0);
  expect(staged.stderr).not.toContain('Not in the audit log');
  expect(JSON.parse(staged.stdout)).toMatchObject({ instances: [{ id: expect.any(String) }] });

  await first.program.stop('SIGINT');
  expect(processesIn(one.folder)).toEqual([]);

  // Beside nothing that runs, nothing is started.
  const status = await first.keys('status', '--json');
  expect(status.exitCode, status.stderr).toBe(0);
  expect(JSON.parse(status.stdout)).toMatchObject({ instances: null });
  expect(processesIn(one.folder)).toEqual([]);

  const { accessToken } = await second.api.newUser();
  expect((await second.api.me(accessToken)).status).toBe(200);
  await second.program.stop('SIGINT');
  expect(processesIn(other.folder)).toEqual([]);
});

/** `npm run dev`, as a founder starts it: without any settings but a port that is free here. */
async function develop(project: Project) {
  const port = await freePort();
  const { command, args } = npmCommand(process.execPath, ['run', 'dev']);
  const program = new Program(command, args, {
    cwd: project.folder,
    env: cleanEnvironment({ PORT: String(port) }),
  });
  programs.push(program);
  await program.until(/listening/, { seconds: 120 });
  const api = new Api(`http://127.0.0.1:${port}`);
  expect((await api.get('/readyz')).status).toBe(200);
  const keys = (...asked: string[]) =>
    execa(process.execPath, [join(root, 'bin', 'shipkit.js'), 'rotate-keys', ...asked], {
      cwd: project.folder,
      env: cleanEnvironment(),
      extendEnv: false,
      reject: false,
    });
  return { program, api, keys };
}
