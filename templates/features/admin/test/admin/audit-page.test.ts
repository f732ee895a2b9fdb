import { drizzle } from 'drizzle-orm/mysql2';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { beforeEach, describe, expect, test } from 'vitest';
import { newId } from '#app/database/id.ts';
import { listActions, listEntries } from '#app/domains/admin/pages/audit/entries.ts';
import { auditFilters } from '#app/domains/admin/pages/audit/filters.ts';
import { verifyActionOf } from '#app/domains/admin/pages/audit/verify-action.ts';
import type { Operator } from '#app/domains/admin/operator.ts';
import type { Services } from '#app/lifecycle.ts';
import { useService } from '../support/service.ts';
import { recordedOf, useAuditLog } from './support/audit-log.ts';
import { useOperator, signInOperator } from './support/operator.ts';
import { formsOf, unescape } from './support/page.ts';

const service = useService();
const owner = useOperator(service, 'owner');
const reader = useOperator(service, 'read-only');
const log = useAuditLog(service);

const run = (sql: string, values: unknown[] = []) => service.database.connection.query(sql, values);

beforeEach(async () => {
  await run('TRUNCATE TABLE audit_log');
  await run('TRUNCATE TABLE audit_head');
});

const path = (filters: Record<string, string> = {}): string =>
  `/admin/audit?${new URLSearchParams(filters).toString()}`;

/** What the page lists: the subject of each entry, as `record` numbers them. */
async function listed(filters: Record<string, string> = {}) {
  const { status, body } = await reader.get(path(filters));
  expect(status).toBe(200);
  const page = unescape(String(body));
  const next = /<a href="([^"]+)" rel="next"/.exec(page)?.[1];
  return {
    subjects: [...page.matchAll(/<td[^>]*>thing:(\d+)<\/td>/g)].map(([, n]) => Number(n)),
    cursor: next === undefined ? undefined : new URL(next, service.url).searchParams.get('cursor'),
  };
}

/** Records so many entries, by two actors in turn and of two actions. */
async function record(count: number): Promise<void> {
  const acts = Array.from({ length: count }, (_, n) => ({
    actor: n % 2 === 0 ? 'user:even' : 'user:odd',
    action: n % 3 === 0 ? 'thing.third' : 'thing.changed',
    subject: `thing:${n + 1}`,
  }));
  await log.record(...acts);
}

describe('the list', () => {
  test('shows the newest first, with who, what, to whom and the detail', async () => {
    await log.record(
      { actor: 'user:1', action: 'thing.made', subject: 'thing:1', detail: { size: 3 } },
      { actor: 'user:1', action: 'thing.named', subject: 'thing:2', detail: { to: ['a', 'b'] } },
    );
    expect((await listed()).subjects).toEqual([2, 1]);
    const page = unescape(String((await reader.get(path())).body));
    expect(page).toContain('size: 3');
    expect(page).toContain('to: ["a","b"]');
    expect(page).toContain('thing.named');
  });

  test('names operators by their address, and leads from a user to the customer', async () => {
    const userId = newId();
    await log.record({ actor: `admin:${owner.id}`, action: 'a.b', subject: `user:${userId}` });
    const { body } = await reader.get(path());
    expect(unescape(body)).toContain(`actor=admin%3A${owner.id}">${owner.email}</a>`);
    expect(body).toContain(`<a href="/admin/customers/${userId}">`);
  });

  test('says who acted in whose place, and finds it by either', async () => {
    const userId = newId();
    await log.record({ actor: `user:${userId}`, action: 'thing.made', subject: 'thing:1' });
    // As it is recorded while an operator acts for a customer.
    await run('UPDATE audit_log SET operator = ?', [`admin:${owner.id}`]);
    const { body } = await reader.get(path());
    expect(String(body).replaceAll(/<[^>]*>/g, '')).toContain(
      `${owner.email} in the place of user:${userId}`,
    );
    expect((await listed({ actor: `admin:${owner.id}` })).subjects).toEqual([1]);
    expect((await listed({ actor: `user:${userId}` })).subjects).toEqual([1]);
  });

  test('is filtered by actor, action and subject, alone and together', async () => {
    await record(12);
    expect((await listed({ actor: 'user:odd' })).subjects).toEqual([12, 10, 8, 6, 4, 2]);
    expect((await listed({ action: 'thing.third' })).subjects).toEqual([10, 7, 4, 1]);
    expect((await listed({ subject: 'thing:5' })).subjects).toEqual([5]);
    const both = { actor: 'user:odd', action: 'thing.third' };
    expect((await listed(both)).subjects).toEqual([10, 4]);
    expect((await listed({ ...both, subject: 'thing:5' })).subjects).toEqual([]);
    // What is left empty in the form is not asked for, nor what no action can be called.
    expect((await listed({ actor: '', action: '', subject: '' })).subjects.length).toBe(12);
    expect((await listed({ action: 'thing.gr\u00fcn' })).subjects.length).toBe(12);
    expect((await listed({ actor: 'user:gr\u00fcn', subject: '\u{1f600}' })).subjects).toEqual([]);
  });

  test('is filtered by days, the first and the last included', async () => {
    await record(4);
    const days = ['2026-01-01 23:59:59.999', '2026-01-02', '2026-01-03 23:59:59.999', '2026-01-04'];
    for (const [index, day] of days.entries()) {
      await run('UPDATE audit_log SET at = ? WHERE id = ?', [day, index + 1]);
    }
    expect((await listed({ from: '2026-01-02' })).subjects).toEqual([4, 3, 2]);
    expect((await listed({ to: '2026-01-03' })).subjects).toEqual([3, 2, 1]);
    expect((await listed({ from: '2026-01-02', to: '2026-01-03' })).subjects).toEqual([3, 2]);
    expect((await listed({ from: '2026-01-05' })).subjects).toEqual([]);
    expect((await listed({ to: '2025-12-31' })).subjects).toEqual([]);
    expect((await listed({ from: 'soon', to: '2026-02-31' })).subjects.length).toBe(4);
  });

  test('pages follow each other without a gap, whatever is recorded meanwhile', async () => {
    await record(120);
    const seen: number[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await listed({ actor: 'user:even', ...(cursor && { cursor }) });
      seen.push(...page.subjects);
      cursor = page.cursor;
      await log.record({ actor: 'user:even', action: 'thing.changed', subject: 'thing:999' });
    } while (cursor);
    const even = Array.from({ length: 60 }, (_, n) => 119 - 2 * n);
    expect(seen).toEqual(even);
  });

  test.each(['x', '-1', '0', '1.5', '1e99'])(
    'a cursor that is none is the first page: %s',
    async (cursor) => {
      await record(2);
      expect((await listed({ cursor })).subjects).toEqual([2, 1]);
    },
  );
});

const many = 3000;

test.each([
  ['no filter', {}],
  ['an actor with many entries', { actor: 'user:even' }],
  ['an actor with none', { actor: 'user:nobody' }],
  ['an action', { action: 'thing.third' }],
  ['a subject', { subject: 'thing:77' }],
  ['days', { from: '2026-01-01', to: '2030-01-01' }],
  ['days and an actor', { from: '2026-01-01', actor: 'user:odd' }],
])('a page of a long log reads little more than it shows: %s', async (_, filters) => {
  await record(many);
  await run('ANALYZE TABLE audit_log');
  const connection = await createConnection({ uri: service.database.url, timezone: 'Z' });
  try {
    await connection.query('FLUSH STATUS');
    const queries = drizzle({ client: connection });
    await listEntries(queries, auditFilters.parse(filters), many - 500);
    await listActions(queries);
    const [reads] = await connection.query<(RowDataPacket & { Value: string })[]>(
      "SHOW SESSION STATUS LIKE 'Handler_read%'",
    );
    const rows = reads.reduce((sum, { Value }) => sum + Number(Value), 0);
    expect(rows).toBeLessThanOrEqual(400);
  } finally {
    await connection.end();
  }
});

describe('the export', () => {
  test('gives the entries that are shown, a line of JSON each, and is recorded', async () => {
    await record(6);
    const answer = await owner.post('/admin/audit/export', { actor: 'user:odd', action: '' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('application/jsonl');
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="audit-\d{4}-\d\d-\d\d\.jsonl"$/,
    );
    // The body of this type is not parsed by the test's client.
    const lines = String(answer.body).trimEnd().split('\n');
    const entries = lines.map((line) => JSON.parse(line));
    expect(entries.map(({ subject }) => subject)).toEqual(['thing:2', 'thing:4', 'thing:6']);
    expect(entries[0]).toMatchObject({ id: 2, actor: 'user:odd', hash: expect.any(String) });

    const [recorded] = await log.database.pool.query(
      "SELECT actor, detail FROM audit_log WHERE action = 'audit.exported'",
    );
    expect(recorded).toMatchObject([
      { actor: `admin:${owner.id}`, detail: JSON.stringify({ actor: 'user:odd' }) },
    ]);
  });

  test('gives all of it where nothing is filtered, over many batches', async () => {
    await record(2500);
    const { body } = await owner.post('/admin/audit/export');
    const lines = String(body).trimEnd().split('\n');
    // Its own record is the last line.
    expect(lines.length).toBe(2501);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ action: 'audit.exported' });
  });

  test('is not for other roles: they see no form, and a form of their own is refused and recorded', async () => {
    await record(1);
    expect(formsOf((await owner.get(path())).body)).toContain('/admin/audit/export');
    for (const role of ['support', 'read-only'] as const) {
      const operator = await signInOperator(service, role);
      expect(formsOf((await operator.get(path())).body)).toEqual(['/admin/audit/verify']);
      expect((await operator.post('/admin/audit/export')).status).toBe(403);
    }
    const [rows] = await run('SELECT action FROM audit_log ORDER BY id');
    expect(rows).toMatchObject([
      { action: 'thing.third' },
      { action: 'admin.denied' },
      { action: 'admin.denied' },
    ]);
  });

  test('takes a form of this session alone', async () => {
    const { status } = await owner.post('/admin/audit/export', { _token: 'another' });
    expect(status).toBe(403);
    expect(await recordedOf(service, 'audit')).toEqual([]);
    expect((await owner.get('/admin/audit/export')).status).toBeGreaterThanOrEqual(404);
  });
});

const verify = () => reader.post('/admin/audit/verify');

/** Verifies in parts of two entries, on from where the last one ended. */
async function inParts(): Promise<string[]> {
  const action = verifyActionOf(2);
  const services = { database: log.database, sealing: log.sealing } as unknown as Services;
  const operator = { formToken: 'token', role: 'read-only' } as Operator;
  const from = { ip: '192.0.2.1', userAgent: undefined };
  const said: string[] = [];
  for (let last: string | undefined = ''; last !== undefined;) {
    const input = last === '' ? {} : { last: Number(last) };
    const outcome = await action.run({ services, operator, params: undefined, input, from });
    if (outcome === undefined || !('title' in outcome)) throw new Error('A page was to be shown.');
    const [, sentence = ''] = /<p[^>]*>([^<]*)<\/p>/.exec(outcome.content) ?? [];
    said.push(`${outcome.title}: ${unescape(sentence).trim().replaceAll(/\s+/g, ' ')}`);
    last = /name="last" value="(\d+)"/.exec(outcome.content)?.[1];
  }
  return said;
}

describe('A5: verifying', () => {
  test('says that a log is as it was written, also an empty one', async () => {
    expect((await verify()).body).toContain('Nothing is recorded yet.');
    await record(3);
    const { status, body } = await verify();
    expect(status).toBe(200);
    expect(body).toContain('<h1>Verified</h1>');
    expect(unescape(body)).toMatch(/Entries 1 to 3 are as they were written/);
  });

  test.each([
    ['changed', 'UPDATE audit_log SET actor = "user:9" WHERE id = 2', 'Entry 2 is not what was'],
    ['taken out', 'DELETE FROM audit_log WHERE id = 2', 'Entry 2 is missing.'],
    ['cut off the end', 'DELETE FROM audit_log WHERE id = 3', 'Entry 3 is missing'],
    ['put behind the head', 'UPDATE audit_head SET sequence = 2', 'Entry 3 lies behind the head'],
    ['no longer JSON', `UPDATE audit_log SET detail = '{' WHERE id = 2`, 'Entry 2 is not what was'],
  ])('shows what was tampered with: %s', async (_, statement, reason) => {
    await record(3);
    await run(statement.replaceAll('"', "'"));
    const { body } = await verify();
    expect(body).toContain('<h1>The audit log was changed</h1>');
    expect(unescape(body)).toContain(reason);
    // The list is shown all the same.
    expect((await reader.get(path())).status).toBe(200);
  });

  test('goes on in parts, the newest first, until nothing is left', async () => {
    await record(5);
    const written = 'are as they were written, each following on the one before';
    expect(await inParts()).toEqual([
      `Verified: Entries 4 to 5 ${written}, and the log ends where it should.`,
      `Verified: Entries 2 to 3 ${written}.`,
      `Verified: Entries 1 to 1 ${written}.`,
    ]);
  });

  test.each([1, 2, 3, 4, 5])('no change lies between two parts: entry %d', async (id) => {
    await record(5);
    await run('UPDATE audit_log SET action = "thing.hidden" WHERE id = ?'.replaceAll('"', "'"), [
      id,
    ]);
    const said = await inParts();
    expect(said.at(-1)).toMatch(`The audit log was changed: Entry ${id} is not what was written`);
  });

  test.each([1, 2, 3, 4, 5])(
    'nor is an entry taken out between two parts: entry %d',
    async (id) => {
      await record(5);
      await run('DELETE FROM audit_log WHERE id = ?', [id]);
      const said = await inParts();
      expect(said.at(-1)).toMatch(`The audit log was changed: Entry ${id} is missing`);
    },
  );
});
