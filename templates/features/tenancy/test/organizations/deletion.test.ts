// A deleted organization leaves nothing behind: of every table that has rows of accounts, whichever
// domain it is of, by what the database says there is.
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { beforeAll, expect, test } from 'vitest';
import { inOrder } from '#app/domains/organizations/deletion/owned-tables.ts';
import { fillTables, rowsOf, tablesOfAccounts } from '../support/account-rows.ts';
import { mailTo } from '../support/sent-mail.ts';
import { useService } from '../support/service.ts';
import { tenantOf } from '../support/tenant.ts';
import { endings } from './support/endings.ts';
import {
  actsOf,
  addMember,
  invite,
  newAddress,
  newOrganization,
  switchTo,
  type TestOrganization,
} from './support/organizations.ts';

const service = useService();
const current = '/v1/organizations/current';

/** Has nothing of an account keep it from being deleted. */
type Ending = (connection: Connection, accountId: string) => Promise<void>;

const allEndings: readonly Ending[] = Object.values(endings);

/** Tables of people, who stay. */
const ofPeople = new Set(['sessions', 'users']);

let ours: TestOrganization;
let theirs: TestOrganization;

beforeAll(async () => {
  ours = await newOrganization(service);
  theirs = await newOrganization(service);
});

const connection = () => service.database.connection;

/** What an account has, but for what is a person's. */
async function belongings(accountId: string): Promise<Record<string, unknown[]>> {
  const rows = await rowsOf(connection(), accountId);
  return Object.fromEntries(Object.entries(rows).filter(([table]) => !ofPeople.has(table)));
}

/** Waits until nothing of an account is left. */
async function goneFrom({ accountId }: Pick<TestOrganization, 'accountId'>): Promise<void> {
  const left = async () => {
    const [[row]] = await connection().query<RowDataPacket[]>(
      'SELECT COUNT(*) AS count FROM accounts WHERE id = ?',
      [accountId],
    );
    return row?.['count'];
  };
  await expect.poll(left, { timeout: 20_000 }).toBe(0);
}

test('only an owner deletes, with the password', async () => {
  const admin = await addMember(service, ours, 'admin');
  const byAdmin = await admin.acting.delete(current, { currentPassword: admin.password });
  expect([byAdmin.status, byAdmin.body.code]).toEqual([403, 'role_insufficient']);
  const wrong = await ours.owner.acting.delete(current, { currentPassword: 'not the password' });
  expect([wrong.status, wrong.body.code]).toEqual([422, 'wrong_password']);
  expect((await ours.owner.acting.get(current)).status).toBe(200);
});

test('a deleted organization leaves no row in any table, and others lose none', async () => {
  const member = await addMember(service, ours);
  await invite(service, ours, { email: newAddress() });
  await invite(service, theirs, { email: newAddress() });
  for (const { accountId, owner } of [ours, theirs]) {
    await fillTables(connection(), accountId);
    // An organization is nobody's own account.
    await connection().query('UPDATE users SET account_id = ? WHERE account_id = ?', [
      owner.homeId,
      accountId,
    ]);
  }
  const tables = (await tablesOfAccounts(connection())).filter((table) => !ofPeople.has(table));
  const before = await belongings(ours.accountId);
  expect(Object.keys(before).toSorted()).toEqual(tables.toSorted());
  for (const [table, rows] of Object.entries(before))
    expect([table, rows]).not.toEqual([table, []]);
  const others = await belongings(theirs.accountId);
  for (const end of allEndings) await end(connection(), ours.accountId);

  const { password } = ours.owner;
  const deleted = await ours.owner.acting.delete(current, { currentPassword: password });
  expect([deleted.status, deleted.body]).toEqual([202, '']);
  // From that moment on it is nobody's.
  for (const { acting } of [ours.owner, member]) {
    const refused = await acting.get(`${current}/members`);
    expect([refused.status, refused.body.code]).toEqual([403, 'not_a_member']);
    expect((await acting.get('/v1/organizations')).body.organizations).toEqual([]);
  }
  await goneFrom(ours);
  for (const [table, rows] of Object.entries(await rowsOf(connection(), ours.accountId))) {
    expect([table, rows]).toEqual([table, []]);
  }
  expect(await belongings(theirs.accountId)).toEqual(others);
  expect((await actsOf(service, ours)).at(-1)).toEqual({
    actor: `user:${ours.owner.userId}`,
    action: 'organization.deleted',
    detail: { name: ours.name },
  });
  const mail = await mailTo(service.mailFolder, ours.owner.email);
  expect(mail.subject).toBe(`${ours.name} is deleted`);
});

test('its people go on in their own accounts', async () => {
  const organization = await newOrganization(service);
  const { owner } = organization;
  const member = await addMember(service, organization);
  await owner.acting.delete(current, { currentPassword: owner.password });
  await goneFrom(organization);
  for (const person of [owner, member]) {
    const { refreshToken } = person;
    const { body } = await service.post('/v1/auth/refresh', { refreshToken });
    expect(tenantOf(service, body.accessToken).accountId).toBe(person.homeId);
    expect((await switchTo(service, person, organization.accountId)).status).toBe(404);
  }
});

test('more rows than one batch, a table of the owner’s own and one that refers to itself go too', async () => {
  const organization = await newOrganization(service);
  const { owner, accountId } = organization;
  const id = 'CHAR(36) CHARACTER SET ascii COLLATE ascii_bin';
  await connection().query(`CREATE TABLE test_folders (account_id ${id} NOT NULL, id INT NOT NULL,
    parent_id INT, PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id) REFERENCES accounts (id),
    FOREIGN KEY (account_id, parent_id) REFERENCES test_folders (account_id, id))`);
  await connection().query(`CREATE TABLE test_files (account_id ${id} NOT NULL, id INT NOT NULL,
    folder_id INT NOT NULL, PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, folder_id) REFERENCES test_folders (account_id, id))`);
  const numbers = Array.from({ length: 2500 }, (_, index) => index + 1);
  await connection().query('INSERT INTO test_folders VALUES ?', [
    numbers.map((number) => [accountId, number, number === 1 ? null : number - 1]),
  ]);
  await connection().query('INSERT INTO test_files VALUES ?', [
    numbers.map((number) => [accountId, number, number]),
  ]);
  await owner.acting.delete(current, { currentPassword: owner.password });
  await goneFrom(organization);
  for (const table of ['test_files', 'test_folders']) {
    const [rows] = await connection().query('SELECT COUNT(*) AS count FROM ??', [table]);
    expect(rows).toEqual([{ count: 0 }]);
    await connection().query('DROP TABLE ??', [table]);
  }
});

const key = (table: string, refersTo: string, ...optional: string[]) => ({
  table,
  refersTo,
  optional,
});

test('what refers to others goes before them, and circles are opened', () => {
  expect(
    inOrder(
      ['accounts_own', 'lines', 'orders'],
      [key('lines', 'orders'), key('orders', 'accounts_own'), key('lines', 'users')],
    ),
  ).toEqual({ tables: ['lines', 'orders', 'accounts_own'], circular: [] });
  expect(inOrder(['tree'], [key('tree', 'tree', 'parent_id')])).toEqual({
    tables: ['tree'],
    circular: [{ table: 'tree', column: 'parent_id' }],
  });
  expect(
    inOrder(['a', 'b', 'c'], [key('a', 'b', 'b_id'), key('b', 'a', 'a_id'), key('c', 'a')]),
  ).toEqual({
    tables: ['c', 'a', 'b'],
    circular: [{ table: 'b', column: 'a_id' }],
  });
});
