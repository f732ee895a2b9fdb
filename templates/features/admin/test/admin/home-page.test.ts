import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { chart } from '#app/domains/admin/pages/components/chart.ts';
import { formatCount } from '#app/domains/admin/pages/home/count.ts';
import { customersFigure } from '#app/domains/admin/pages/home/figures/customers.ts';
import { outboxFigure } from '#app/domains/admin/pages/home/figures/outbox.ts';
import { sessionsFigure } from '#app/domains/admin/pages/home/figures/sessions.ts';
import { countFigure } from '#app/domains/admin/pages/home/remember.ts';
import type { Services } from '#app/lifecycle.ts';
import { countOutbox } from '#app/platform/outbox/letters.ts';
import { useService } from '../support/service.ts';
import { useAuditLog } from './support/audit-log.ts';
import { addCustomer, addSession } from './support/customers.ts';
import { useOperator } from './support/operator.ts';
import { tagsOf } from './support/page.ts';

const service = useService();
const reader = useOperator(service, 'read-only');
const { services } = useDatabase();

/** What the figures take of the services: the database. */
function useDatabase() {
  const log = useAuditLog(service);
  return {
    services: {
      get database() {
        return log.database;
      },
    } as Services,
  };
}

const run = (sql: string, values: unknown[] = []) => service.database.connection.query(sql, values);
const day = 86_400_000;
const ago = (days: number): Date => new Date(Date.now() - days * day);

const change = (session: string, columns: Record<string, unknown>) =>
  run('UPDATE sessions SET ? WHERE id = ?', [columns, session]);

/** Adds to the outbox what is in that state. */
const addLetter = (state: string) =>
  run(
    `INSERT INTO outbox (id, kind, payload, state, available_at, sent_at)
     VALUES (?, 'mail', '', ?, IF(? IN ('sent', 'dead'), NULL, UTC_TIMESTAMP(3) + INTERVAL 1 DAY),
       IF(? = 'sent', UTC_TIMESTAMP(3), NULL))`,
    [randomUUID(), state, state, state],
  );

test('the customers are counted, all of them and those of each day', async () => {
  const now = Date.now();
  for (const age of [0, 0, 1, 29, 30, 400]) {
    await addCustomer(service.database, undefined, now - age * day);
  }
  const { value, note, days = [] } = await customersFigure.load(services);
  expect(value).toBe('6');
  expect(note).toBe('2 new today');
  expect(days.length).toBe(30);
  expect(days.at(-1)).toEqual({ day: new Date(now).toISOString().slice(0, 10), value: 2 });
  expect(days.at(-2)?.value).toBe(1);
  expect(days.at(0)).toEqual({
    day: new Date(now - 29 * day).toISOString().slice(0, 10),
    value: 1,
  });
  expect(days.reduce((sum, each) => sum + each.value, 0)).toBe(4);
});

test('a session counts that goes on and was used lately', async () => {
  const customer = await addCustomer(service.database);
  const session = () => addSession(service.database, customer);
  const [refreshed, ended, idle, old] = [
    await session(),
    await session(),
    await session(),
    await session(),
  ];
  await session();
  await change(refreshed, { created_at: ago(20), last_used_at: ago(1) });
  await change(ended, { revoked_at: ago(0) });
  await change(idle, { created_at: ago(20), last_used_at: ago(8) });
  await change(old, { created_at: ago(31), last_used_at: ago(1) });
  expect((await sessionsFigure.load(services)).value).toBe('2');
});

test('the outbox says what waits, and that something was given up', async () => {
  for (const state of ['sent', 'sent', 'pending', 'failed', 'sending']) {
    await addLetter(state);
  }
  expect(await outboxFigure.load(services)).toMatchObject({ value: '3 waiting', bad: false });
  await addLetter('dead');
  expect(await outboxFigure.load(services)).toMatchObject({ note: '1 given up', bad: true });

  // What was sent is neither counted nor read.
  const counts = await countOutbox(services.database);
  expect(counts).toEqual({ pending: 1, failed: 1, sending: 1, dead: 1 });

  const { body } = await reader.get('/admin/instances');
  expect(body).toMatch(/<dt>Given up<\/dt>\s*<dd><span class="state bad">1<\/span><\/dd>/);
});

test('a figure is counted once, however many ask for it, until it could not be counted', async () => {
  let [counted, fails] = [0, false];
  const figure = {
    title: 'Things',
    permission: 'home.read',
    load: async () => {
      counted += 1;
      if (fails) throw new Error('no');
      return { value: String(counted) };
    },
  } as const;
  const both = await Promise.all([countFigure(services, figure), countFigure(services, figure)]);
  expect(both).toEqual([{ value: '1' }, { value: '1' }]);
  expect(await countFigure(services, figure)).toEqual({ value: '1' });

  const broken = { ...figure };
  fails = true;
  await expect(countFigure(services, broken)).rejects.toThrow('no');
  fails = false;
  expect(await countFigure(services, broken)).toEqual({ value: '3' });
});

test('no more than so many are counted', () => {
  expect(formatCount(100_000)).toBe('100,000');
  expect(formatCount(100_001)).toBe('more than 100,000');
});

test('the home page shows the figures with their charts, and what is bad as bad', async () => {
  const { status, body } = await reader.get('/admin');
  expect(status).toBe(200);
  for (const title of ['Customers', 'Sessions', 'Outbox']) expect(body).toContain(title);
  expect(body).toContain('<span class="state bad">3 waiting</span>');
  expect(tagsOf(body).filter((tag) => tag.startsWith('svg'))).not.toEqual([]);
  // The policy of the page forbids styles of its own.
  expect(body).not.toMatch(/\sstyle=|<style/i);
});

test('the instances are shown with their keys, and with no secret', async () => {
  const { body } = await reader.get('/admin/instances');
  expect(body).toContain('all is well');
  expect(body).toContain('<span class="state good">runs</span>');
  const page = String(body).replaceAll(/\s+/g, ' ');
  expect(page).toMatch(
    /<td class="start">Primary<\/td> ?<td class="start"><code>[\da-f]{6}<\/code>/,
  );
  // Neither a whole name of a key, nor what it is.
  expect(String(body).replaceAll(/\b[\da-f]{8}-[\da-f-]{27}\b/g, '')).not.toMatch(/[\da-f]{16}/);
});

test('an instance that fell silent is shown as bad', async () => {
  await run(
    `INSERT INTO instances (id, accept_kids, sign_kid, seen_at)
     VALUES ('gone#1', 'abc', 'abc', UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE)`,
  );
  const { body } = await reader.get('/admin/instances');
  expect(body).toContain('gone#1');
  expect(body).toContain('<span class="state bad">fell silent</span>');
});

test('a stored keyring that cannot be read is shown as bad, in place of its keys', async () => {
  const stored = await readFile(service.keysFile, 'utf8');
  await writeFile(service.keysFile, 'no keyring');
  try {
    const { status, body } = await reader.get('/admin/instances');
    expect(status).toBe(200);
    expect(body).toMatch(/<p class="error">The keyring [^<]* is not JSON/);
    expect(body).not.toContain('Primary');
  } finally {
    await writeFile(service.keysFile, stored);
  }
});

test.each([
  ['nothing', [0, 0, 0]],
  ['one day', [5]],
  ['large numbers', [1_000_000_000, 1, 999_999_999]],
  ['what is below nothing', [-3, 2, 0.5]],
])('a chart is a drawing that lies within its frame: %s', (_, values) => {
  const days = values.map((value, n) => ({ day: `2026-11-0${n + 1}`, value }));
  const svg = chart('one', 'New & old', days);
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)?.map(Number) ?? [];
  const bars = [
    ...svg.matchAll(/<rect\s+x="(\d+)"\s+y="(\d+)"\s+width="(\d+)"\s+height="(\d+)"\s*>/g),
  ].map(([, ...numbers]) => numbers.map(Number));
  expect(bars.length).toBe(values.length);
  for (const [x = NaN, y = NaN, w = NaN, h = NaN] of bars) {
    expect(x + w).toBeLessThanOrEqual(width ?? 0);
    expect(y + h).toBe(height);
    expect(h).toBeGreaterThan(0);
  }
  expect(unclosed(tagsOf(svg))).toEqual([]);
  // Who cannot see it is told its title and every value.
  expect(svg).toContain('role="img"');
  expect(svg).toContain('aria-labelledby="one-title one-values"');
  expect(svg).toContain(`day by day: ${values.join(', ')}</desc>`);
  expect(svg).not.toMatch(/style=|NaN|Infinity/);
});

/** What is not closed in its order: of well-formed XML, nothing. */
function unclosed(tags: readonly string[]): string[] {
  const open: string[] = [];
  for (const tag of tags) {
    const [name = ''] = tag.split(' ');
    if (open.length > 0 && `/${open.at(-1)}` === name) open.pop();
    else open.push(name);
  }
  return open;
}

test('of no days there is no chart', () => {
  expect(chart('one', 'Nothing', [])).toBe('');
});
