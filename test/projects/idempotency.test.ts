// A request that is sent again under its Idempotency-Key, to real processes, which are killed.
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

import { Api, type Answer } from '../../scripts/lib/api.ts';
import { countOf } from '../../scripts/lib/counts.ts';
import { query } from '../../scripts/lib/database.ts';
import { cleanEnvironment } from '../../scripts/lib/environment.ts';
import { freePort } from '../../scripts/lib/port.ts';
import { Program } from '../../scripts/lib/program.ts';
import { root } from '../../scripts/lib/root.ts';
import { subject } from './support/choices.ts';
import { makeProject, prepare, type Project, type Running } from './support/project.ts';

const preload = pathToFileURL(join(root, 'test/projects/support/kill-request-at.ts')).href;

let project: Project;
let settings: Record<string, string>;
let one: Running;
let other: Running;
let token: string;

beforeAll(async () => {
  project = await makeProject(subject);
  await project.shipkit('add-domain', 'note', '--fields', 'title:string');
  settings = await prepare(project, inject('serverUrl'));
  one = await start();
  other = await start();
  ({ accessToken: token } = await one.api.newUser());
});

afterAll(async () => {
  await Promise.all([one, other].map(({ program }) => program.stop('SIGTERM')));
});

/** @param killAt the point at which it ends */
async function start(killAt?: string): Promise<Running> {
  const port = await freePort();
  const own = { ...settings, PORT: String(port), KILL_AT: killAt ?? '' };
  const options = { cwd: project.folder, env: cleanEnvironment(own) };
  const program = new Program(process.execPath, ['--import', preload, 'src/main.ts'], options);
  await program.until(/"listening"/);
  return { program, api: new Api(`http://127.0.0.1:${port}`) };
}

async function send({ api }: Running, title: string): Promise<Answer> {
  return api.request('POST', '/v1/notes', {
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      'idempotency-key': `"${title}"`,
    },
    body: JSON.stringify({ title }),
  });
}

/** As a client does: again and again, until it is told what became of it. */
async function untilAnswered(running: Running, title: string): Promise<Answer> {
  const answer = await send(running, title);
  return answer.status === 409 ? untilAnswered(running, title) : answer;
}

async function notesOf(title: string): Promise<number> {
  const sql = `SELECT COUNT(*) AS count FROM notes WHERE title = '${title}'`;
  const [row] = await query(settings['DATABASE_URL'] ?? '', sql);
  return Number(row?.['count']);
}

test('H5: of twenty at once, to two processes, one has its effect, and all get its answer', async () => {
  const members = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? one : other));
  const answers = await Promise.all(members.map((member) => untilAnswered(member, 'twenty')));
  for (const { status, json } of answers) expect([status, json]).toEqual([201, answers[0]?.json]);
  expect(await notesOf('twenty')).toBe(1);
});

const points = ['the key is taken', 'the effect', 'the answer', 'the commit'].flatMap((step) => [
  `before ${step}`,
  `after ${step}`,
]);

test.for(points)('killed %s, and sent again: one effect', async (point) => {
  for (let crash = 1; crash <= countOf('CRASHES'); crash += 1) {
    const title = `${point} ${crash}`;
    const killed = await start(point);
    await expect(send(killed, title)).rejects.toThrow('fetch failed');
    expect(await killed.program.exitCode).toBeNull();
    // A minute later.
    const later = 'UPDATE idempotency_keys SET leased_until = UTC_TIMESTAMP(3)';
    await query(settings['DATABASE_URL'] ?? '', later);

    const { status, json, headers } = await untilAnswered(one, title);
    expect(status).toBe(201);
    expect(headers.get('idempotency-replayed')).toBe(point === 'after the commit' ? 'true' : null);
    expect((await send(other, title)).json).toEqual(json);
    expect(await notesOf(title)).toBe(1);
  }
});
