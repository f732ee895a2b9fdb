import type { RowDataPacket } from 'mysql2/promise';
import { beforeEach, describe, expect, test } from 'vitest';
import { newId } from '#app/database/id.ts';
import { defineAction } from '#app/domains/admin/pages/define-page.ts';
import { actionsOf, shownTo } from '#app/domains/admin/pages/customers/page.ts';
import type { RoleName } from '#app/domains/admin/roles.ts';
import { accountClient } from '../support/account-client.ts';
import { factorClient } from '../support/factor-client.ts';
import { tokenIn } from '../support/mailed-links.ts';
import { mailTo } from '../support/sent-mail.ts';
import { useService } from '../support/service.ts';
import { signUp, signUpVerified, type SignedInUser } from '../support/users.ts';
import { recordedOf } from './support/audit-log.ts';
import { addCustomer, addSession } from './support/customers.ts';
import { signInOperator, useOperator } from './support/operator.ts';
import { formsOf } from './support/page.ts';

const service = useService();
const support = useOperator(service, 'support');
const reader = useOperator(service, 'read-only');
const users = accountClient(service);
const factors = factorClient(service);

beforeEach(async () => {
  // What one test has sent is not to count against the next.
  await service.database.connection.query('DELETE FROM auth_attempts');
});

async function idOf({ email }: Pick<SignedInUser, 'email'>): Promise<string> {
  const [[row]] = await service.database.connection.query<(RowDataPacket & { id: string })[]>(
    'SELECT id FROM users WHERE email = ?',
    [email],
  );
  return row?.id ?? '';
}

async function sessionsOf(userId: string): Promise<string[]> {
  const [rows] = await service.database.connection.query<(RowDataPacket & { id: string })[]>(
    'SELECT id FROM sessions WHERE user_id = ? AND revoked_at IS NULL ORDER BY created_at',
    [userId],
  );
  return rows.map(({ id }) => id);
}

/** What operators did to a customer. */
async function doneTo(userId: string) {
  const recorded = await recordedOf(service, `user:${userId}`);
  return recorded
    .filter(({ actor }) => actor.startsWith('admin:'))
    .map(({ actor, action, detail }) => ({ actor, action, detail }));
}

const pageOf = (id: string): string => `/admin/customers/${id}`;

describe('the page of a customer', () => {
  test('shows who it is and where they are signed in', async () => {
    const user = await signUpVerified(service);
    const id = await idOf(user);
    const { status, body } = await support.get(pageOf(id));
    expect(status).toBe(200);
    expect(body).toContain(`<h1>${user.email}</h1>`);
    expect(body).toContain(id);
    expect(body).toContain('user.email_verified');
    expect(formsOf(body)).toContain(`${pageOf(id)}/end-session`);
  });

  test.each(['', 'x', newId(), `${newId()}x`])(
    'of somebody who is not there is no page: %s',
    async (id) => {
      const { status, body } = await support.get(`${pageOf('')}${id === '' ? '%20' : id}`);
      expect(status).toBe(404);
      expect(body).toContain('<!doctype html>');
    },
  );

  test('shows only the sections that the role may see, and reads no others', () => {
    const parts = [{ permission: 'customers.read' }, { permission: 'secrets.show' }] as const;
    expect(shownTo({ role: 'read-only' }, parts)).toEqual([{ permission: 'customers.read' }]);
    expect(shownTo({ role: 'owner' }, parts)).toEqual(parts);
  });

  test('does not come to be where two sections have an action of the same name', () => {
    const action = defineAction({
      label: 'End',
      permission: 'customers.change',
      done: '',
      run: async () => {},
    });
    const parts = [
      { title: 'One', actions: { end: action } },
      { title: 'Another', actions: { end: action } },
    ];
    expect(() => actionsOf(parts)).toThrow('The section Another has an action end');
    expect(actionsOf(parts.slice(1))).toEqual({ end: action });
  });
});

describe('sessions', () => {
  test('one is ended, and no other', async () => {
    const user = await signUp(service);
    const id = await idOf(user);
    const other = await users.login(user.email, user.password);
    const [session = ''] = await sessionsOf(id);

    const { status, headers } = await support.post(`${pageOf(id)}/end-session`, { session });
    expect(status).toBe(303);
    expect(headers.get('location')).toBe(`${pageOf(id)}?done=end-session`);
    // Its access token too, at once.
    expect((await service.get('/v1/auth/me', user.authorization)).status).toBe(401);
    expect((await users.refresh(user)).status).toBe(401);
    expect((await users.refresh(other)).status).toBe(200);
    expect(await doneTo(id)).toEqual([
      {
        actor: `admin:${support.id}`,
        action: 'user.session_ended',
        detail: { sessionId: session },
      },
    ]);

    await support.post(`${pageOf(id)}/end-session`, { session });
    expect((await doneTo(id)).length).toBe(1);
  });

  test('one of somebody else is not ended', async () => {
    const [customer, other] = [
      await addCustomer(service.database),
      await addCustomer(service.database),
    ];
    const session = await addSession(service.database, other);
    await support.post(`${pageOf(customer.id)}/end-session`, { session });
    expect(await sessionsOf(other.id)).toEqual([session]);
    expect(await doneTo(customer.id)).toEqual([]);
  });

  test('all are ended', async () => {
    const user = await signUp(service);
    const id = await idOf(user);
    const other = await users.login(user.email, user.password);
    await support.post(`${pageOf(id)}/end-all-sessions`);
    expect((await service.get('/v1/auth/me', user.authorization)).status).toBe(401);
    expect((await users.refresh(other)).status).toBe(401);
    expect(await sessionsOf(id)).toEqual([]);
    expect(await doneTo(id)).toEqual([
      { actor: `admin:${support.id}`, action: 'user.signed_out_everywhere', detail: null },
    ]);
  });
});

describe('links in mails', () => {
  test.each(['verify', 'reset', 'change'] as const)(
    'one that is void works no more: %s',
    async (purpose) => {
      const { user, token } = await users.newLink(purpose);
      const id = await idOf(user);
      expect(formsOf((await support.get(pageOf(id))).body)).toContain(`${pageOf(id)}/void-links`);

      await support.post(`${pageOf(id)}/void-links`, { purpose });
      expect((await users.follow(purpose, token)).status).toBe(410);
      const done = { actor: `admin:${support.id}`, action: 'user.links_voided' };
      expect(await doneTo(id)).toEqual([{ ...done, detail: { purpose } }]);

      await support.post(`${pageOf(id)}/void-links`, { purpose });
      expect((await doneTo(id)).length).toBe(1);
    },
  );

  test('of other purposes they go on working', async () => {
    const { user, token } = await users.newLink('verify');
    await support.post(`${pageOf(await idOf(user))}/void-links`, { purpose: 'reset' });
    expect((await users.follow('verify', token)).status).toBe(204);
  });

  test('a new one that verifies the address is sent', async () => {
    const user = await signUp(service);
    const id = await idOf(user);
    const { status } = await support.post(`${pageOf(id)}/send-verification`);
    expect(status).toBe(303);
    const mail = await mailTo(service.mailFolder, user.email, 2);
    expect((await users.follow('verify', tokenIn(mail))).status).toBe(204);
    expect(await doneTo(id)).toEqual([
      { actor: `admin:${support.id}`, action: 'user.verification_sent_again', detail: null },
    ]);
    // It is not offered for an address that is verified.
    const forms = formsOf((await support.get(pageOf(id))).body);
    expect(forms).toContain(`${pageOf(id)}/send-reset`);
    expect(forms).not.toContain(`${pageOf(id)}/send-verification`);
  });

  test('a new one that sets a password is sent', async () => {
    const user = await signUp(service);
    const id = await idOf(user);
    await support.post(`${pageOf(id)}/send-reset`);
    const mail = await mailTo(service.mailFolder, user.email, 2);
    expect((await users.follow('reset', tokenIn(mail))).status).toBe(200);
    expect(await doneTo(id)).toEqual([
      { actor: `admin:${support.id}`, action: 'user.password_reset_asked', detail: null },
    ]);
  });

  test('a mailbox is not flooded from here either: the form says when to go on', async () => {
    const id = await idOf(await signUp(service));
    const answers = [];
    for (let n = 0; n < 6; n += 1) {
      answers.push(await support.post(`${pageOf(id)}/send-reset`));
    }
    expect(answers.at(0)?.status).toBe(303);
    expect(answers.at(-1)?.status).toBe(422);
    expect(answers.at(-1)?.body).toContain('role="alert"');
    const sent = answers.filter(({ status }) => status === 303);
    expect((await doneTo(id)).length).toBe(sent.length);
  });
});

describe('the second factor', () => {
  const agreed = { _confirm: 'on' };

  test('is removed: the password is enough then, all sessions end, and the customer is told', async () => {
    const user = await factors.withFactor();
    const id = await idOf(user);
    expect((await factors.login(user)).status).toBe(401);

    const { status } = await support.post(`${pageOf(id)}/remove-second-factor`, agreed);
    expect(status).toBe(303);
    expect((await service.get('/v1/auth/me', user.authorization)).status).toBe(401);
    expect((await factors.login(user)).status).toBe(200);
    const { subject, text } = await mailTo(service.mailFolder, user.email, 3);
    expect(subject).toBe('The authenticator app is removed');
    expect(text).toContain('tell us at once');
    const done = { actor: `admin:${support.id}`, action: 'user.second_factor_disabled' };
    expect(await doneTo(id)).toEqual([{ ...done, detail: null }]);

    await support.post(`${pageOf(id)}/remove-second-factor`, agreed);
    expect((await doneTo(id)).length).toBe(1);
    expect(await sessionsOf(id)).not.toEqual([]);
  });

  test('stays where nobody has ticked that it is the customer who asks', async () => {
    const user = await factors.withFactor();
    const path = `${pageOf(await idOf(user))}/remove-second-factor`;
    expect((await support.post(path)).status).toBe(422);
    expect((await factors.login(user)).status).toBe(401);
  });

  test('stays where the operator has proved the own one too long ago', async () => {
    const user = await factors.withFactor();
    const path = `${pageOf(await idOf(user))}/remove-second-factor`;
    const stale = await signInOperator(service, 'support', { stale: true });
    const { status, body } = await stale.post(path, agreed);
    expect(status).toBe(403);
    expect(body).toContain('Code of your authenticator app');
    expect((await factors.login(user)).status).toBe(401);
  });
});

test('who may only read sees no form, and does nothing by sending one', async () => {
  const user = await factors.withFactor();
  const id = await idOf(user);
  await users.forgot(user.email);
  expect(formsOf((await support.get(pageOf(id))).body)).toEqual([
    `${pageOf(id)}/end-session`,
    `${pageOf(id)}/end-all-sessions`,
    `${pageOf(id)}/remove-second-factor`,
    `${pageOf(id)}/void-links`,
    `${pageOf(id)}/send-reset`,
    `${pageOf(id)}/impersonate`,
  ]);

  const seen = await reader.get(pageOf(id));
  expect(seen.status).toBe(200);
  expect(formsOf(seen.body)).toEqual([]);
  const [session = ''] = await sessionsOf(id);
  const forms = {
    'end-session': { session },
    'end-all-sessions': {},
    'remove-second-factor': { _confirm: 'on' },
    'void-links': { purpose: 'reset' },
    'send-verification': {},
    'send-reset': {},
  };
  for (const [name, form] of Object.entries(forms)) {
    const { status } = await reader.post(`${pageOf(id)}/${name}`, form);
    expect({ name, status }).toEqual({ name, status: 403 });
  }
  expect(await doneTo(id)).toEqual([]);
  expect((await service.get('/v1/auth/me', user.authorization)).status).toBe(200);
  expect((await factors.login(user)).status).toBe(401);
});

test.each<RoleName>(['owner', 'support', 'read-only'])(
  'the page is shown to each role: %s',
  async (role) => {
    const { id } = await addCustomer(service.database);
    const operator = await signInOperator(service, role);
    expect((await operator.get(pageOf(id))).status).toBe(200);
  },
);
