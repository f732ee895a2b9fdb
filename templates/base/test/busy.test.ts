// What is answered, and not counted, while too many sign in at once.
import { expect, test } from 'vitest';
import { newAddress } from './support/account-client.ts';
import { holdThreads } from './support/busy-threads.ts';
import { tokenIn } from './support/mailed-links.ts';
import { mailTo } from './support/sent-mail.ts';
import { request, useService } from './support/service.ts';
import { signUp } from './support/users.ts';

const service = useService();
const password = 'a good long password';

/** Does something while two passwords are being hashed and fifty wait, none of which ends. */
async function whileBusy(work: () => Promise<void>): Promise<void> {
  // All connections to the database are there first, since opening one may take a thread.
  await Promise.all(Array.from({ length: 30 }, () => service.get('/auth/reset-password?token=a')));
  const release = await holdThreads();
  let refused = 0;
  const logins = Array.from({ length: 60 }, async () => {
    const { status } = await service.post('/v1/auth/login', { email: newAddress(), password });
    if (status === 503) refused += 1;
  });
  try {
    await expect.poll(() => refused, { timeout: 10_000 }).toBe(8);
    await work();
  } finally {
    await release();
    await Promise.all(logins);
  }
}

test('who sets a new password sees a page to send again, and who registers is not charged', async () => {
  const { email } = await signUp(service);
  await service.post('/v1/auth/password/forgot', { email });
  const token = tokenIn(await mailTo(service.mailFolder, email, 2));

  await whileBusy(async () => {
    const reset = await request(service.url, '/auth/reset-password', {
      method: 'POST',
      body: new URLSearchParams({ token, password }),
    });
    expect([reset.status, reset.headers.get('content-type')]).toEqual([
      503,
      'text/html; charset=utf-8',
    ]);
    expect(reset.body).toContain('<form method="post" action="/auth/reset-password">');

    const newcomer = { email: newAddress(), password };
    for (let turn = 0; turn < 7; turn += 1) {
      expect((await service.post('/v1/auth/register', newcomer)).status).toBe(503);
    }
  });
});
