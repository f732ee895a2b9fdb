import { randomBytes } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import { beforeEach, expect, test } from 'vitest';
import { useService } from '../support/service.ts';
import { recordedOf } from './support/audit-log.ts';
import { addCustomer } from './support/customers.ts';
import { useOperator } from './support/operator.ts';
import { formsOf, tagsOf, unescape } from './support/page.ts';

const service = useService();
const support = useOperator(service, 'support');
const reader = useOperator(service, 'read-only');
const list = '/admin/suppressions';

beforeEach(() => service.database.connection.query('DELETE FROM email_suppressions'));

const newAddress = () => `${randomBytes(6).toString('hex')}@example.com`;

function suppress(address: string, reason = 'bounce'): Promise<unknown> {
  return service.database.connection.query(
    'INSERT INTO email_suppressions (address, reason, suppressed_at) VALUES (?, ?, ?)',
    [address, reason, '2030-03-14 09:00:00'],
  );
}

async function isSuppressed(address: string): Promise<boolean> {
  const [rows] = await service.database.connection.query<RowDataPacket[]>(
    'SELECT 1 FROM email_suppressions WHERE address = ? AND allowed_at IS NULL',
    [address],
  );
  return rows.length === 1;
}

/** What the list shows, asked for by a beginning. */
async function found(q: string): Promise<string[]> {
  const { status, body } = await reader.get(`${list}?${new URLSearchParams({ q }).toString()}`);
  expect(status).toBe(200);
  return addressesOn(unescape(String(body)));
}

function addressesOn(page: string): string[] {
  return [...page.matchAll(/<td[^>]*>\s*([^<\s]+@[^<\s]+)\s*<\/td>/g)].map(([, one = '']) => one);
}

/** The tags of the list, and of a search in it, where it has this address. */
async function tagsFor(address: string): Promise<string[][]> {
  await service.database.connection.query('DELETE FROM email_suppressions');
  await suppress(address);
  const pages = await Promise.all(
    ['', address].map((q) => support.get(`${list}?${new URLSearchParams({ q }).toString()}`)),
  );
  return pages.map(({ body }) => tagsOf(String(body)));
}

test('a customer’s page says whether mails go to the address, and if not, why and since when', async () => {
  const email = newAddress();
  const { id } = await addCustomer(service.database, email);
  const page = async () => String((await reader.get(`/admin/customers/${id}`)).body);
  expect(await page()).toContain('Mails are sent to this address.');
  await suppress(email, 'complaint');
  const shown = await page();
  expect(shown).not.toContain('Mails are sent to this address.');
  expect(shown).toContain('A mail to it was reported as spam');
  expect(shown).toContain('2030-03-14 09:00:00 UTC');
});

test('support allows a customer’s address again, once, and it is recorded; who only reads cannot', async () => {
  const email = newAddress();
  const { id } = await addCustomer(service.database, email);
  const path = `/admin/customers/${id}`;
  await suppress(email);
  expect(formsOf(String((await reader.get(path)).body))).not.toContain(`${path}/allow-mail`);
  expect((await reader.post(`${path}/allow-mail`)).status).toBe(403);
  expect(await isSuppressed(email)).toBe(true);

  expect(formsOf(String((await support.get(path)).body))).toContain(`${path}/allow-mail`);
  for (let time = 0; time < 2; time += 1) {
    expect((await support.post(`${path}/allow-mail`)).status).toBe(303);
  }
  expect(await isSuppressed(email)).toBe(false);
  const acts = (await recordedOf(service, `user:${id}`)).filter(
    ({ action }) => action === 'email.allowed',
  );
  expect(acts).toMatchObject([{ actor: `admin:${support.id}` }]);
});

test('the list has the addresses that get no mail, and finds them by how they begin', async () => {
  for (const address of ['ann@example.com', 'a_b@example.com', 'bob@example.com']) {
    await suppress(address);
  }
  await service.database.connection.query(
    "UPDATE email_suppressions SET allowed_at = UTC_TIMESTAMP(3) WHERE address = 'bob@example.com'",
  );
  expect(await found('')).toEqual(['a_b@example.com', 'ann@example.com']);
  expect(await found('AN')).toEqual(['ann@example.com']);
  expect(await found('a_')).toEqual(['a_b@example.com']);
  expect(await found('bob')).toEqual([]);
});

test('a long list comes page by page, each address once', async () => {
  const addresses = Array.from({ length: 120 }, () => newAddress());
  for (const address of addresses) await suppress(address);
  const seen: string[] = [];
  let next: string | undefined = list;
  while (next !== undefined) {
    const body = unescape(String((await reader.get(next)).body));
    seen.push(...addressesOn(body));
    next = /href="([^"]+)" rel="next"/.exec(body)?.[1];
  }
  expect(seen).toEqual(addresses.toSorted());
});

test('support suppresses an address and allows it again; what is no address is refused', async () => {
  const address = newAddress();
  const upper = ` ${address.toUpperCase()} `;
  expect((await support.post(`${list}/suppress`, { address: upper })).status).toBe(303);
  expect(await isSuppressed(address)).toBe(true);
  expect((await support.post(`${list}/suppress`, { address: 'nobody' })).status).toBe(422);
  expect((await reader.post(`${list}/allow`, { address })).status).toBe(403);
  expect((await support.post(`${list}/allow`, { address })).status).toBe(303);
  expect(await isSuppressed(address)).toBe(false);
});

test('what an address or a search holds is shown as text', async () => {
  const evil = `"'><img src=x onerror=alert(1)>@example.com`;
  expect(await tagsFor(evil)).toEqual(await tagsFor('ann@example.com'));
});
