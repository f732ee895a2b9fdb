// What the store of operators' sessions promises, wherever it keeps them.
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { adminSignInRequired } from '#app/domains/admin/errors.ts';
import type { AdminSessionStore } from '#app/domains/admin/sessions/session-store.ts';
import { removeEverySession, removeSessionsOf } from '#app/domains/admin/sessions/store.ts';
import { testSealing } from '../support/sealing.ts';
import { useService } from '../support/service.ts';
import { addOperator } from './support/operator.ts';
import { leaveUnused, openStore, timesOf } from './support/stored-sessions.ts';

const service = useService();
const noSession = expect.objectContaining({ kind: adminSignInRequired().kind });
const newHash = () => randomBytes(32);

let database: Database;
let store: AdminSessionStore;

beforeAll(async () => {
  const settings = { DATABASE_URL: service.database.url, DATABASE_POOL_SIZE: 5 };
  database = await openDatabase({ settings, sealing: testSealing });
  store = await openStore(service);
});
afterAll(async () => {
  await store.close();
  await database.close();
});

interface Begun {
  readonly id: string;
  readonly adminId: string;
  readonly tokenHash: Buffer;
}

/** Begins a session, of a new operator where none is named. */
async function begin(of?: string): Promise<Begun> {
  const adminId = of ?? (await addOperator(service)).id;
  const begun = { id: randomUUID(), adminId, tokenHash: newHash() };
  await database.transaction((tx) =>
    store.insert(tx, { ...begun, ip: '192.0.2.1', userAgent: 'a browser' }),
  );
  return begun;
}

const find = ({ tokenHash }: Pick<Begun, 'tokenHash'>) => store.find(database.queries, tokenHash);
const going = (...ids: string[]) => store.going(database.queries, ids);
const inTransaction = (work: (tx: Transaction) => Promise<unknown>) => database.transaction(work);

function exchange({ id, tokenHash }: Omit<Begun, 'adminId'>, after: Buffer, proven = false) {
  const given = { sessionId: id, before: tokenHash, after, proven };
  return inTransaction((tx) => store.exchange(tx, given));
}

test('a session is found by its token, and has what it began with', async () => {
  const begun = await begin();
  expect(await find(begun)).toMatchObject({
    id: begun.id,
    adminId: begun.adminId,
    ip: '192.0.2.1',
    userAgent: 'a browser',
  });
  expect(await find({ tokenHash: newHash() })).toBeUndefined();
  const hash = await database.transaction((tx) => store.tokenHash(tx, begun.id));
  expect(hash).toEqual(begun.tokenHash);
});

test('one that nothing is known of but its token has no address and no browser', async () => {
  const { id: adminId } = await addOperator(service);
  const session = { id: randomUUID(), adminId, tokenHash: newHash(), ip: '192.0.2.1' };
  await inTransaction((tx) => store.insert(tx, { ...session, userAgent: undefined }));
  expect(await find(session)).toMatchObject({ id: session.id, userAgent: null });
});

test('one that a rollback has undone never began', async () => {
  const { id: adminId } = await addOperator(service);
  const session = { id: randomUUID(), adminId, tokenHash: newHash(), ip: '', userAgent: '' };
  const failing = inTransaction(async (tx) => {
    await store.insert(tx, session);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await find(session)).toBeUndefined();
  expect(await store.list(database.queries, adminId)).toEqual([]);
});

test('an operator’s sessions are listed, the newest first, and nobody else’s', async () => {
  const first = await begin();
  const second = await begin(first.adminId);
  await begin();
  const listed = await store.list(database.queries, first.adminId);
  expect(listed.map(({ id }) => id)).toEqual([second.id, first.id]);
});

test('of twenty who exchange a token at once, one gets another', async () => {
  const begun = await begin();
  const hashes = Array.from({ length: 20 }, newHash);
  const outcomes = await Promise.allSettled(hashes.map((after) => exchange(begun, after)));
  const won = hashes.filter((_, index) => outcomes[index]?.status === 'fulfilled');
  expect(won).toHaveLength(1);
  const lost = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
  );
  expect(lost).toEqual(Array(19).fill(noSession));
  const found = await Promise.all(
    [begun.tokenHash, ...hashes].map((tokenHash) => find({ tokenHash })),
  );
  expect(found.filter((each) => each !== undefined)).toHaveLength(1);
  expect(await find({ tokenHash: won[0] ?? newHash() })).toMatchObject({ id: begun.id });
});

test('an exchange that is rolled back leaves the token that there was', async () => {
  const begun = await begin();
  const after = newHash();
  const failing = inTransaction(async (tx) => {
    const given = { sessionId: begun.id, before: begun.tokenHash, after, proven: false };
    await store.exchange(tx, given);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await find(begun)).toMatchObject({ id: begun.id });
  expect(await find({ tokenHash: after })).toBeUndefined();
});

test('an exchange in a transaction that has to be run again is made once', async () => {
  const begun = await begin();
  const hashes = [newHash(), newHash()];
  let runs = 0;
  await inTransaction(async (tx) => {
    const after = hashes[runs] ?? newHash();
    runs += 1;
    await store.exchange(tx, {
      sessionId: begun.id,
      before: begun.tokenHash,
      after,
      proven: false,
    });
    if (runs === 1) throw Object.assign(new Error('deadlock'), { errno: 1213 });
  });
  const found = await Promise.all(hashes.map((tokenHash) => find({ tokenHash })));
  expect(found.map((session) => session?.id)).toEqual([undefined, begun.id]);
});

test('a proof counts from the exchange on that it came with', async () => {
  const begun = await begin();
  const before = await find(begun);
  const [unproven, proven] = [newHash(), newHash()];
  await exchange(begun, unproven);
  expect((await find({ tokenHash: unproven }))?.provenAt).toEqual(before?.provenAt);
  await exchange({ ...begun, tokenHash: unproven }, proven, true);
  const after = await find({ tokenHash: proven });
  expect(after?.provenAt.getTime()).toBeGreaterThan(before?.provenAt.getTime() ?? Infinity);
  expect(after?.createdAt).toEqual(before?.createdAt);
});

test('a session that was removed is gone, and neither use nor an exchange brings it back', async () => {
  const [begun, other] = [await begin(), await begin()];
  await inTransaction((tx) => store.remove(tx, begun.id));
  await store.noteUse(database.queries, begun.id);
  await expect(exchange(begun, newHash())).rejects.toEqual(noSession);
  expect(await find(begun)).toBeUndefined();
  expect(await timesOf(service, begun.id)).toBeUndefined();
  expect(await going(begun.id, other.id)).toEqual(new Set([other.id]));
  expect(await store.list(database.queries, begun.adminId)).toEqual([]);
});

test('a removal that is rolled back leaves the session', async () => {
  const begun = await begin();
  const failing = inTransaction(async (tx) => {
    await store.remove(tx, begun.id);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await find(begun)).toMatchObject({ id: begun.id });
});

test('the sessions of one operator end together, and the others stay', async () => {
  const first = await begin();
  const [second, other] = [await begin(first.adminId), await begin()];
  await inTransaction((tx) => removeSessionsOf(tx, first.adminId));
  expect([await find(first), await find(second)]).toEqual([undefined, undefined]);
  expect(await going(first.id, second.id, other.id)).toEqual(new Set([other.id]));
  expect(await store.list(database.queries, first.adminId)).toEqual([]);
  const after = newHash();
  await exchange(first, after).catch(() => undefined);
  expect(await find({ tokenHash: after })).toBeUndefined();

  const again = await begin(first.adminId);
  expect(await find(again)).toMatchObject({ id: again.id });
  await inTransaction((tx) => removeSessionsOf(tx, first.adminId));
  expect(await find(again)).toBeUndefined();
});

test('that they end is undone with the transaction that ends them', async () => {
  const begun = await begin();
  const failing = inTransaction(async (tx) => {
    await removeSessionsOf(tx, begun.adminId);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await find(begun)).toMatchObject({ id: begun.id });
});

test('the sessions of all operators end together', async () => {
  const all = [await begin(), await begin(), await begin()];
  await inTransaction((tx) => removeEverySession(tx));
  expect(await going(...all.map(({ id }) => id))).toEqual(new Set());
  const again = await begin(all[0]?.adminId);
  expect(await find(again)).toMatchObject({ id: again.id });
});

test('use keeps a session from ending for want of it', async () => {
  const begun = await begin();
  await leaveUnused(service, begun.id, 14 * 60);
  expect((await find(begun))?.unused).toBeGreaterThanOrEqual(14 * 60);
  await store.noteUse(database.queries, begun.id);
  expect((await find(begun))?.unused).toBeLessThan(14 * 60);
  await leaveUnused(service, begun.id, 15 * 60);
  expect(await find(begun)).toBeUndefined();
  expect(await going(begun.id)).toEqual(new Set());
});
