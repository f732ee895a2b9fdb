// A stranger who guesses at an address does not keep its owner out, and what the owner was known by
// ends with his sessions.
import { expect, test } from 'vitest';
import { tokenIn } from './support/mailed-links.ts';
import { mailTo } from './support/sent-mail.ts';
import { useService } from './support/service.ts';
import { signUp, type SignedInUser } from './support/users.ts';

const service = useService();
const password = 'another long password';

const login = (user: { email: string; password: string }, deviceToken?: string) =>
  service.post('/v1/auth/login', { email: user.email, password: user.password, deviceToken });
const guess = ({ email }: { email: string }) => login({ email, password: 'a wrong password' });

/** Has a stranger use up what can be tried. */
async function lockOut(user: { email: string }): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) expect((await guess(user)).status).toBe(401);
  expect((await guess(user)).status).toBe(429);
}

async function resetByMail({ email }: { email: string }) {
  await service.post('/v1/auth/password/forgot', { email });
  const token = tokenIn(await mailTo(service.mailFolder, email, 2));
  return service.post('/v1/auth/password/reset', { token, password });
}

test('whoever resets his password comes in at once, on any device, whatever a stranger has tried', async () => {
  const user = await signUp(service);
  await lockOut(user);
  expect((await login(user)).status).toBe(429);
  expect((await resetByMail(user)).status).toBe(200);
  expect((await login({ email: user.email, password })).status).toBe(200);
});

test('the device on which he did it is known, so the stranger can go on as long as he likes', async () => {
  const user = await signUp(service);
  const { deviceToken } = (await resetByMail(user)).body;
  await lockOut(user);
  expect((await login({ email: user.email, password })).status).toBe(429);
  expect((await login({ email: user.email, password }, deviceToken)).status).toBe(200);
});

/** Whether the device may still try where everybody else has to wait. */
async function isKnown({ email }: { email: string }, deviceToken: string): Promise<boolean> {
  return (await login({ email, password: 'a wrong password' }, deviceToken)).status === 401;
}

test.for([
  ['a password reset', false, async (user: SignedInUser) => (await resetByMail(user)).status],
  [
    'a new password',
    true,
    async ({ password: currentPassword, authorization }: SignedInUser) =>
      (await service.post('/v1/auth/password/change', { currentPassword, password }, authorization))
        .status,
  ],
  [
    'signing out everywhere',
    true,
    async ({ authorization }: SignedInUser) =>
      (await service.post('/v1/auth/logout-all', undefined, authorization)).status,
  ],
] as const)('%s makes the other devices strangers', async ([, keepsAsking, end]) => {
  const user = await signUp(service);
  const { email } = user;
  const [other, own] = [(await login(user)).body, (await login(user)).body];
  const asking = { ...user, authorization: { authorization: `Bearer ${own.accessToken}` } };
  await lockOut(user);
  expect([await isKnown(user, other.deviceToken), await isKnown(user, own.deviceToken)]).toEqual([
    true,
    true,
  ]);
  expect(await end(asking)).toBeLessThan(300);
  if (!keepsAsking) await lockOut({ email });
  expect([await isKnown(user, other.deviceToken), await isKnown(user, own.deviceToken)]).toEqual([
    false,
    keepsAsking,
  ]);
});
