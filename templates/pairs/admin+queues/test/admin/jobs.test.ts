import type { RowDataPacket } from 'mysql2/promise';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { jobsFigure } from '#app/domains/admin/pages/jobs/figure.ts';
import { openDatabase } from '#app/database/database.ts';
import type { Services } from '#app/lifecycle.ts';
import { testSealing } from '../support/sealing.ts';
import { useService } from '../support/service.ts';
import { signInOperator, type SignedInOperator } from './support/operator.ts';

// Nobody does jobs here, so that they stay as they are written.
const service = useService({ JOBS_IN_WEB: 'false' });
let operator: SignedInOperator;

beforeAll(async () => {
  operator = await signInOperator(service, 'support');
});
afterEach(() => query('DELETE FROM queue_jobs'));

const query = async (statement: string, values: unknown[] = []) =>
  (await service.database.connection.query<RowDataPacket[]>(statement, values))[0];

let written = 0;
async function write(
  state: string,
  { error = 'TypeError', due = 'NULL', name = 'note' } = {},
): Promise<string> {
  const id = `job-${(written += 1)}`;
  await query(
    `INSERT INTO queue_jobs (id, name, payload, state, attempts, last_error, available_at, finished_at, next_at)
     SELECT ?, ?, 'a canary', ?, 3, ?, ${due}, IF(? = 'waiting', NULL, UTC_TIMESTAMP(3)),
       UTC_TIMESTAMP(3) + INTERVAL 1 HOUR`,
    [id, name, state, error, state],
  );
  return id;
}

const stateOf = async (id: string) =>
  (await query('SELECT state FROM queue_jobs WHERE id = ?', [id]))[0]?.['state'];
const actsOn = (id: string) =>
  query('SELECT actor, action FROM audit_log WHERE subject = ?', [`job:${id}`]);

test('the list has the jobs in a state, and no other', async () => {
  const due = 'UTC_TIMESTAMP(3)';
  const ids = {
    failed: await write('failed'),
    completed: await write('completed'),
    waiting: await write('waiting', { due }),
    delayed: await write('waiting', { due: `${due} + INTERVAL 1 HOUR` }),
  };
  for (const [state, id] of Object.entries(ids)) {
    const { status, body } = await operator.get(`/admin/jobs?state=${state}`);
    expect(status).toBe(200);
    const listed = [...String(body).matchAll(/href="\/admin\/jobs\/([\w-]+)"/g)];
    expect([state, listed.map(([, found]) => found)]).toEqual([state, [id]]);
    expect(body).toContain('report-given-up');
  }
  const { body } = await operator.get('/admin/jobs');
  expect(body).toContain(ids.failed);
  expect(body).not.toContain(ids.completed);
  expect((await operator.get('/admin/jobs?state=active')).body).toContain('There is no such job.');
  expect((await operator.get(`/admin/jobs?state=x'`)).status).toBe(200);
});

test('a job’s page has what is known of it, without what it was given, and errors as text', async () => {
  const id = await write('failed', { error: '<script>alert(1)</script>' });
  const { status, body } = await operator.get(`/admin/jobs/${id}`);
  expect(status).toBe(200);
  for (const part of [id, 'failed', '&#60;script&#62;']) expect(body).toContain(part);
  expect(body).not.toContain('canary');
  expect(body).not.toContain('<script>alert');
  expect((await operator.get('/admin/jobs')).body).not.toContain('<script>alert');
  for (const name of ['no-such-job', "1'", 'x%00', 'X']) {
    const missing = await operator.get(`/admin/jobs/${encodeURIComponent(name)}`);
    expect([404, 422]).toContain(missing.status);
  }
});

test('a job that failed is retried once, and noted; what is done is not, and the form says why', async () => {
  const id = await write('failed');
  const answers = await Promise.all([1, 2].map(() => operator.post(`/admin/jobs/${id}/retry`)));
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 422]);
  expect(await stateOf(id)).toBe('waiting');
  expect(await actsOn(id)).toEqual([{ actor: `admin:${operator.id}`, action: 'job.retried' }]);

  const done = await write('completed');
  const { status, body } = await operator.post(`/admin/jobs/${done}/retry`);
  expect(status).toBe(422);
  expect(body).toContain('It is done already.');
});

test('what failed or waits is discarded, and noted', async () => {
  for (const state of ['failed', 'waiting']) {
    const id = await write(state);
    const unsure = await operator.post(`/admin/jobs/${id}/discard`);
    expect(unsure.status).toBe(422);
    const { status } = await operator.post(`/admin/jobs/${id}/discard`, { _confirm: 'on' });
    expect(status).toBe(303);
    expect(await stateOf(id)).toBe('discarded');
    expect(await actsOn(id)).toEqual([{ actor: `admin:${operator.id}`, action: 'job.discarded' }]);
  }
});

test('all that failed is retried, and nothing else', async () => {
  const failed = [await write('failed'), await write('failed')];
  const done = await write('completed');
  expect((await operator.post('/admin/jobs/retryAll')).status).toBe(303);
  for (const id of failed) expect(await stateOf(id)).toBe('waiting');
  expect(await stateOf(done)).toBe('completed');
});

test('who may only read has no forms, is refused, and changes nothing', async () => {
  const reader = await signInOperator(service, 'read-only');
  const id = await write('failed');
  const page = await reader.get(`/admin/jobs/${id}`);
  expect(page.body).toContain(id);
  expect(page.body).not.toContain(`/admin/jobs/${id}/retry`);
  for (const path of [`${id}/retry`, `${id}/discard`, 'retryAll']) {
    expect((await reader.post(`/admin/jobs/${path}`, { _confirm: 'on' })).status).toBe(403);
  }
  expect(await stateOf(id)).toBe('failed');
});

test('the home page tells what waits, and wants what failed to be looked after', async () => {
  const database = await openDatabase({
    settings: { DATABASE_URL: service.database.url, DATABASE_POOL_SIZE: 3 },
    sealing: testSealing,
  });
  const services = { database } as Services;
  await write('waiting', { due: 'UTC_TIMESTAMP(3)' });
  expect(await jobsFigure.load(services)).toEqual({
    value: '1 waiting',
    note: 'none failed',
    bad: false,
    to: '/admin/jobs',
  });
  await write('failed');
  expect(await jobsFigure.load(services)).toMatchObject({
    note: '1 failed',
    bad: true,
    to: '/admin/jobs?state=failed',
  });
  await database.close();
});
