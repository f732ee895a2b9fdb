// The pages that links in mails lead to, used as a browser without scripts uses them.
import { expect, test } from 'vitest';
import { linkIn } from './support/mailed-links.ts';
import { mailTo } from './support/sent-mail.ts';
import { useService } from './support/service.ts';
import { signUp } from './support/users.ts';

const service = useService();
const password = 'another long password';

const open = async (path: string) => {
  const answer = await service.get(path);
  return { ...answer, page: String(answer.body) };
};

/** Fills in the form of a page and sends it where it says. */
async function submit(
  page: string,
  fields: Record<string, string> = {},
  headers: Record<string, string> = {},
) {
  const [, action = ''] = /<form method="post" action="([^"]+)">/.exec(page) ?? [];
  const hidden = [...page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)];
  const body = new URLSearchParams({
    ...Object.fromEntries(hidden.map(([, name, value]) => [name ?? '', value ?? ''])),
    ...fields,
  });
  const response = await fetch(new URL(action, service.url), { method: 'POST', body, headers });
  const { status } = response;
  return { status, cookies: response.headers.getSetCookie(), page: await response.text() };
}

async function linkFor(purpose: 'verify' | 'reset') {
  const user = await signUp(service);
  if (purpose === 'reset') await service.post('/v1/auth/password/forgot', { email: user.email });
  const { pathname, search } = linkIn(
    await mailTo(service.mailFolder, user.email, purpose === 'verify' ? 1 : 2),
  );
  return { user, path: pathname + search };
}

test.for([
  '/auth/verify-email',
  '/auth/reset-password',
  '/auth/confirm-email-change',
  '/auth/forgot-password',
])(
  '%s loads nothing from elsewhere, runs no script, is kept by no cache and told to nobody',
  async (path) => {
    const { page, headers } = await open(`${path}?token=unknown`);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|script-src/);
    expect(page).not.toMatch(/<script|style=|\son\w+=/);
    for (const [, address = ''] of page.matchAll(/(?:src|href|action)="([^"]*)"/g)) {
      expect(address).toMatch(/^(?:\/auth\/|data:,)/);
    }
    expect((await open('/auth/pages.css')).headers.get('content-type')).toContain('text/css');
  },
);

test('a page verifies an address, once', async () => {
  const { user, path } = await linkFor('verify');
  const { status, page } = await open(path);
  expect(status).toBe(200);
  expect(page).toContain(user.email);

  expect((await submit(page)).status).toBe(200);
  const me = await service.get('/v1/auth/me', user.authorization);
  expect(me.body.user.emailVerified).toBe(true);
  expect((await submit(page)).status).toBe(410);
  expect((await open(path)).status).toBe(410);
});

test('a page sets a password, and says why it takes one or not', async () => {
  const { user, path } = await linkFor('reset');
  let { page } = await open(path);
  for (const [weak, reason] of [
    ['short', 'at least 8 characters'],
    ['password1', 'Many people use this password'],
    ['x'.repeat(129), 'at most 128 characters'],
  ] as const) {
    const refused = await submit(page, { password: weak });
    expect(refused.status).toBe(422);
    expect(refused.page).toContain(reason);
    expect(refused.page).toContain('aria-describedby="error hint"');
    expect(refused.page).not.toContain(weak);
    ({ page } = refused);
  }
  const done = await submit(page, { password });
  expect(done.status).toBe(200);
  // The browser is a known device from here on: nobody who guesses can slow it down.
  expect(done.cookies).toEqual([
    expect.stringMatching(
      /^device=[\w-]{43}; Max-Age=15552000; Path=\/; HttpOnly; SameSite=Strict$/,
    ),
  ]);
  const { status } = await service.post('/v1/auth/login', { email: user.email, password });
  expect(status).toBe(200);
  expect((await submit(page, { password })).status).toBe(410);
});

test('a page sends a link for a forgotten password, and answers alike for an unknown address', async () => {
  const { email } = await signUp(service);
  const { page } = await open('/auth/forgot-password');
  const known = await submit(page, { email: ` ${email.toUpperCase()} ` });
  const unknown = await submit(page, { email: 'nobody@example.com' });
  expect(known).toEqual(unknown);
  expect(known.status).toBe(200);
  expect(linkIn(await mailTo(service.mailFolder, email, 2)).pathname).toBe('/auth/reset-password');
  expect((await submit(page, { email: 'no address' })).status).toBe(422);
});

test.for(['/auth/verify-email', '/auth/reset-password', '/auth/confirm-email-change'])(
  '%s shows a person a page whatever stands in the link',
  async (path) => {
    const long = 'x'.repeat(201);
    for (const query of ['', '?token=', `?token=${long}`, '?token=a&token=b', '?token[a]=b']) {
      const { status, page } = await open(path + query);
      expect([query, status]).toEqual([query, 410]);
      expect(page).toContain('This link does not work any more');
    }
    const form = `<form method="post" action="${path}">`;
    const fields = path === '/auth/reset-password' ? { password } : {};
    const { status, page } = await submit(form, { token: long, ...fields });
    expect(status).toBe(410);
    expect(page).toContain('This link does not work any more');
  },
);

test('a form that another site sends does nothing, and is shown to send from here', async () => {
  const elsewhere = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
  const { user, path } = await linkFor('reset');
  const { page } = await open(path);
  const reset = await submit(page, { password }, elsewhere);
  const { page: forgotten } = await open('/auth/forgot-password');
  const asked = await submit(forgotten, { email: user.email }, elsewhere);
  for (const answer of [reset, asked]) {
    expect([answer.status, answer.cookies]).toEqual([403, []]);
    expect(answer.page).toContain('Another site sent this form.');
  }
  expect((await submit(reset.page, { password })).status).toBe(200);
  // One for the registration, one with the link, one about the new password, and no other.
  await mailTo(service.mailFolder, user.email, 3);
});

test('every field has a label, and the page a heading and a language', async () => {
  const { path } = await linkFor('reset');
  for (const { page } of [await open(path), await open('/auth/forgot-password')]) {
    expect(page).toMatch(/<html lang="en">/);
    expect(page).toMatch(/<h1>[^<]+<\/h1>/);
    const fields = [...page.matchAll(/<input\s[^>]*\bid="(\w+)"/g)].map(([, id]) => id);
    expect(fields).toHaveLength(1);
    for (const id of fields) expect(page).toContain(`<label for="${id}">`);
  }
});
