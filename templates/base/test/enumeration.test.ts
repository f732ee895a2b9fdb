// Nobody learns from an answer, or from the work that was done for it, who has an account.
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { tokenIn } from './support/mailed-links.ts';
import { mailsIn, mailTo } from './support/sent-mail.ts';
import { useService, type Answer } from './support/service.ts';
import { askWho, signUp } from './support/users.ts';
import { watchWork } from './support/watch-work.ts';

const service = useService();
const password = 'a good long password';
const newAddress = () => `${randomBytes(6).toString('hex')}@example.com`;

test.for([
  ['registering', '/v1/auth/register', { password }, 201, 1, 1],
  ['signing in', '/v1/auth/login', { password: 'not the password' }, 401, 1, 0],
  ['a forgotten password', '/v1/auth/password/forgot', {}, 202, 0, 1],
] as const)(
  'A7: %s answers alike for an address that is known and one that is not, after the same work',
  async ([, path, input, status, hashes, mails]) => {
    const known = (await signUp(service)).email;
    const unknown = newAddress();
    await mailTo(service.mailFolder, known);

    const [atKnown, atUnknown] = [await ask(path, known, input), await ask(path, unknown, input)];
    expect([atKnown.answer.status, atUnknown.answer.status]).toEqual([status, status]);
    expect(visible(atKnown.answer, known)).toEqual(visible(atUnknown.answer, unknown));

    expect([atKnown.work.hashes, atUnknown.work.hashes]).toEqual([hashes, hashes]);
    expect(atKnown.work.statements.length).toBeGreaterThan(0);
    expect(atKnown.work.statements).toEqual(atUnknown.work.statements);
    await expect.poll(() => mailsTo(known)).toBe(1 + mails);
    await expect.poll(() => mailsTo(unknown)).toBe(mails);
  },
);

test('A7: a new address answers alike where it is free and where it is somebody else’s', async () => {
  const [user, other] = [await signUp(service), await signUp(service)];
  const change = async (email: string) => {
    let answer: Answer | undefined;
    const input = { currentPassword: user.password, email };
    const work = await watchWork(async () => {
      answer = await service.post('/v1/auth/email/change', input, user.authorization);
    });
    return { work, seen: answer && visible(answer, email) };
  };
  // What is remembered of an account is looked up by its first call.
  await askWho(service, user.authorization);
  const [taken, free] = [await change(other.email), await change(newAddress())];
  expect(taken).toEqual(free);
  expect(taken.seen?.status).toBe(202);
  expect(taken.work.hashes).toBe(1);
  const mail = await mailTo(service.mailFolder, other.email, 2);
  expect(mail.subject).toContain('already has an account');
  expect(mail.text).not.toContain('token=');
});

test('who registers with an address that is taken gets no account, and its owner learns of it', async () => {
  const { email, password: right } = await signUp(service);
  const login = (tried: string) => service.post('/v1/auth/login', { email, password: tried });
  await service.post('/v1/auth/register', { email, password });

  expect((await login(password)).status).toBe(401);
  expect((await login(right)).status).toBe(200);
  const mail = await mailTo(service.mailFolder, email, 2);
  expect(mail.subject).toContain('already have an account');
  const reset = { token: tokenIn(mail), password: 'another long password' };
  expect((await service.post('/v1/auth/password/reset', reset)).status).toBe(200);
  expect((await login(reset.password)).status).toBe(200);
});

async function ask(path: string, email: string, input: object) {
  let answer: Answer | undefined;
  const work = await watchWork(async () => {
    answer = await service.post(path, { email, ...input });
  });
  if (answer === undefined) throw new Error('There was no answer');
  return { answer, work };
}

const drawnAnew = new Set(['date', 'x-request-id']);

/** Everything of an answer that is not drawn anew for each, and the shape of what is. */
function visible({ status, headers, body }: Answer, email: string) {
  return {
    status,
    headers: [...headers]
      .filter(([name]) => !drawnAnew.has(name))
      .map(([name, value]) => [name, name === 'content-length' ? value : shapeOf(value)]),
    body: shapeOf(JSON.stringify(body).replace(email, '@')),
  };
}

const shapeOf = (text: string) => text.replaceAll(/[0-9a-f]/g, '0');

async function mailsTo(address: string): Promise<number> {
  return (await mailsIn(service.mailFolder)).filter(({ to }) => to === address).length;
}
