import { afterEach, beforeAll, expect, test } from 'vitest';
import { useBilling } from '../billing/support/billing.ts';
import { allProcessed, planPrices, select } from '../billing/support/subscriber.ts';
import { readEvent, writeEvent, writeEvents } from './support/stored-events.ts';
import { formIn, unescape } from './support/form-in.ts';
import { holdsMarkup, markup } from './support/markup.ts';
import { signInOperator, type SignedInOperator } from './support/operator.ts';
import { newPayer } from './support/payer.ts';

const billing = useBilling({}, { prices: planPrices });
let operator: SignedInOperator;

beforeAll(async () => {
  operator = await signInOperator(billing.service, 'support');
});
afterEach(() => select(billing, 'DELETE FROM webhook_events'));

const post = (path: string, form: Record<string, string> = {}) => operator.post(path, form);

test('an event’s page has what is known of it, without what is in it', async () => {
  const event = await writeEvent(billing, {
    state: 'dead',
    payload: '{"customer_email":"jane@example.com"}',
    lastError: 'TypeError',
  });
  for (const path of [event.path, `/admin/webhooks/${event.eventId}`]) {
    const { status, body } = await operator.get(path);
    expect(status).toBe(200);
    for (const text of [event.eventId, 'invoice.paid', 'dead', 'TypeError', '2023-11-14']) {
      expect(body).toContain(text);
    }
    expect(body).not.toContain('jane');
  }
  for (const name of ['0', 'evt_missing', '999999999', "1'", 'evt_%', '1e3']) {
    const { status } = await operator.get(`/admin/webhooks/${encodeURIComponent(name)}`);
    expect([404, 422]).toContain(status);
  }
});

test('what Stripe has sent is shown to who asks for it, and noted', async () => {
  const event = await writeEvent(billing, {
    state: 'processed',
    payload: '{"customer":{"email":"jane@example.com"}}',
  });
  const { status, body } = await post(`${event.path}/payload`);
  expect(status).toBe(200);
  expect(body).toContain('{\n  &#34;customer&#34;: {\n    &#34;email&#34;');
  expect((await readEvent(billing, event)).acts).toMatchObject([
    { actor: `admin:${operator.id}`, action: 'webhook.payload_read' },
  ]);
});

test('what an event holds is shown as text, and what is no JSON as it is', async () => {
  for (const [index, text] of markup.entries()) {
    const event = await writeEvent(billing, {
      state: 'dead',
      type: index % 2 === 0 ? text : 'invoice.paid',
      payload: JSON.stringify({ metadata: { [text]: text }, name: text }),
      lastError: text,
    });
    for (const page of ['/admin/webhooks', event.path]) {
      expect(holdsMarkup((await operator.get(page)).body)).toBe(false);
    }
    const shown = await post(`${event.path}/payload`);
    expect(shown.status).toBe(200);
    expect(holdsMarkup(shown.body)).toBe(false);
  }
  const broken = await writeEvent(billing, { state: 'dead', payload: `no JSON ${markup[0]}` });
  const { body } = await post(`${broken.path}/payload`);
  expect(body).toContain('no JSON &#60;script&#62;');
});

test('an event that is replayed, however often and at once, has its effect once', async () => {
  const payer = await newPayer(billing);
  const mails = async () => {
    const [row] = await select(billing, `SELECT COUNT(*) AS count FROM outbox WHERE kind = 'mail'`);
    return Number(row?.['count']);
  };
  billing.stripe.webhooks.hold();
  const refund = billing.stripe.refunds.create(payer.payment.chargeId, 100);
  const sent = billing.stripe.events.findLast(({ type }) => type === 'charge.refunded');
  const event = await writeEvent(billing, {
    state: 'dead',
    type: 'charge.refunded',
    payload: JSON.stringify(sent),
  });
  const before = await mails();
  const stateOf = async () => (await readEvent(billing, event)).row?.['state'];

  const answers = await Promise.all([1, 2, 3].map(() => post(`${event.path}/replay`)));
  expect(answers.map(({ status }) => status)).toContain(303);
  await expect.poll(stateOf, { timeout: 20_000 }).toBe('processed');
  const again = await post(`${event.path}/replay`);
  expect(again.status).toBe(303);
  await expect.poll(stateOf, { timeout: 20_000 }).toBe('processed');
  billing.stripe.webhooks.release();
  await allProcessed(billing);

  expect(await payer.rows('billing_refunds')).toMatchObject([
    { amount: 100, status: 'succeeded', stripe_refund_id: refund.id },
  ]);
  expect(await mails()).toBe(before + 1);
  const { acts } = await readEvent(billing, event);
  expect(acts[0]).toMatchObject({ actor: `admin:${operator.id}`, action: 'webhook.replayed' });
});

test('what is waiting or being processed is not replayed, and the form says why', async () => {
  for (const [state, reason] of [
    ['received', 'It is waiting to be processed already.'],
    ['processing', 'It is being processed just now'],
  ] as const) {
    const event = await writeEvent(billing, { state });
    const { status, body } = await post(`${event.path}/replay`);
    expect(status).toBe(422);
    expect(body).toContain(reason);
    expect(await readEvent(billing, event)).toMatchObject({ row: { state }, acts: [] });
  }
});

test('an event is discarded for a reason, which is noted', async () => {
  const event = await writeEvent(billing, { state: 'dead' });
  const missing = await post(`${event.path}/discard`, { reason: ' ' });
  expect(missing.status).toBe(422);
  expect(missing.body).toContain('Say why');
  const { status } = await post(`${event.path}/discard`, { reason: 'refunded by hand' });
  expect(status).toBe(303);
  expect(await readEvent(billing, event)).toMatchObject({
    row: { state: 'ignored' },
    acts: [
      {
        actor: `admin:${operator.id}`,
        action: 'webhook.discarded',
        detail: { reason: 'refunded by hand' },
      },
    ],
  });
});

test('what is done is not discarded, and the form says why and keeps what was typed', async () => {
  const event = await writeEvent(billing, { state: 'processed' });
  const { status, body } = await post(`${event.path}/discard`, { reason: 'by mistake' });
  expect(status).toBe(422);
  expect(body).toContain('It is processed already.');
  expect(formIn(body, 'discard')).toMatchObject({ reason: 'by mistake' });
  expect(await readEvent(billing, event)).toMatchObject({ row: { state: 'processed' }, acts: [] });
});

test('all that were given up are replayed, and nothing else', async () => {
  const failed = await writeEvent(billing, { state: 'failed' });
  const dead = await writeEvents(
    billing,
    ['dead', 'dead', 'dead'].map((state) => ({ state })),
  );
  expect((await operator.get('/admin/webhooks')).body).toMatch(/dead<\/span><\/a>\s*3\s/);

  const { status } = await post('/admin/webhooks/replayAllDead');
  expect(status).toBe(303);
  for (const event of dead) {
    expect((await readEvent(billing, event)).acts).toMatchObject([
      { actor: `admin:${operator.id}`, action: 'webhook.replayed' },
    ]);
  }
  expect((await readEvent(billing, failed)).acts).toEqual([]);
  const { body } = await operator.get('/admin/webhooks');
  expect(formIn(body, 'replayAllDead')).toBeUndefined();
});

test('the list leads through all events, once each, in either order, and keeps its filter', async () => {
  const written = await writeEvents(
    billing,
    Array.from({ length: 110 }, (_, index) => ({
      state: index % 10 === 0 ? 'dead' : 'processed',
      type: index % 2 === 0 ? 'invoice.paid' : 'invoice.voided',
    })),
  );
  expect(await walk('/admin/webhooks')).toEqual(ids(written.toReversed()));
  expect(await walk('/admin/webhooks?order=oldest')).toEqual(ids(written));
  const paid = written.filter((_, index) => index % 2 === 0);
  expect(await walk('/admin/webhooks?type=invoice.paid&order=oldest')).toEqual(ids(paid));
  const dead = written.filter((_, index) => index % 10 === 0).toReversed();
  expect(await walk('/admin/webhooks?state=dead&type=')).toEqual(ids(dead));
  const both = '/admin/webhooks?state=dead&type=invoice.voided';
  expect(await walk(both)).toEqual([]);
  const { body } = await operator.get(both);
  expect(body).toContain('There is no such event.');
  expect(body).toMatch(/<option value="dead" selected/);
});

test('whatever the address asks for, the list answers', async () => {
  for (const text of ['x', '-1', '1e9', '9'.repeat(40), '[]', ...markup]) {
    const query = new URLSearchParams({ state: text, type: text, order: text, cursor: text });
    const { status, body } = await operator.get(`/admin/webhooks?${query.toString()}`);
    expect(status).toBe(200);
    expect(holdsMarkup(body)).toBe(false);
  }
});

test('who may only read has no forms, is refused, and changes nothing', async () => {
  const reader = await signInOperator(billing.service, 'read-only');
  const event = await writeEvent(billing, { state: 'dead', payload: '{"name":"jane"}' });
  const [list, page] = [await reader.get('/admin/webhooks'), await reader.get(event.path)];
  for (const [body, names] of [
    [list.body, ['replayAllDead']],
    [page.body, ['payload', 'replay', 'discard']],
  ] as const) {
    expect(body).toContain(event.eventId);
    for (const name of names) expect(formIn(body, name)).toBeUndefined();
  }
  for (const path of [
    '/admin/webhooks/replayAllDead',
    `${event.path}/payload`,
    `${event.path}/replay`,
    `${event.path}/discard`,
  ]) {
    const { status, body } = await reader.post(path, { reason: 'just because' });
    expect(status).toBe(403);
    expect(body).not.toContain('jane');
  }
  expect(await readEvent(billing, event)).toMatchObject({ row: { state: 'dead' }, acts: [] });
});

const ids = (events: readonly { id: number }[]) => events.map(({ id }) => id);

/** The numbers of the rows on a list's pages, following its way to the next page. */
async function walk(first: string): Promise<number[]> {
  const found: number[] = [];
  let path: string | undefined = first;
  while (path !== undefined) {
    const page: string = (await operator.get(path)).body;
    const rows = page.matchAll(/href="\/admin\/webhooks\/(\d+)"/g);
    found.push(...[...rows].map(([, id]) => Number(id)));
    const next = /href="([^"]*)" rel="next"/.exec(page)?.[1];
    path = next === undefined ? undefined : unescape(next);
    if (found.length > 1000) throw new Error(`${path} does not end`);
  }
  return found;
}

test('a type that none can be is not asked for', async () => {
  const { status } = await operator.get(`/admin/webhooks?type=${encodeURIComponent('état 😀')}`);
  expect(status).toBe(200);
});
