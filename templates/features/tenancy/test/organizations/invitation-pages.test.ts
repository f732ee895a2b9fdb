// The pages that an invitation's link leads to, used as a browser without scripts uses them.
import { expect, test } from 'vitest';
import { authenticator } from '../support/authenticator.ts';
import { factorClient } from '../support/factor-client.ts';
import { linkIn } from '../support/mailed-links.ts';
import { mailTo } from '../support/sent-mail.ts';
import { useService } from '../support/service.ts';
import {
  addMember,
  invite,
  newAddress,
  newOrganization,
  rolesIn,
} from './support/organizations.ts';
import { addPerson } from './support/people.ts';

const service = useService({ ORGANIZATION_SEATS: '4' });
const password = 'another long password';
const here = { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:3000' };

interface Page {
  readonly status: number;
  readonly page: string;
  readonly headers: Headers;
}

async function open(path: string, headers: Record<string, string> = {}): Promise<Page> {
  const answer = await service.get(path, headers);
  return { status: answer.status, headers: answer.headers, page: String(answer.body) };
}

/** Fills in a form of a page and sends it where it says. */
async function submit(
  page: string,
  to: 'accept' | 'sign-in' | 'register' | 'decline',
  {
    fields = {},
    headers = {},
  }: { fields?: Record<string, string>; headers?: Record<string, string> } = {},
): Promise<Page> {
  const forms = page.matchAll(/<form method="post" action="([^"]+)">(.*?)<\/form>/gs);
  const [, action = '', content = ''] =
    [...forms].find(([, each]) => each?.endsWith(`/${to}`)) ?? [];
  expect(action).toBe(`/organizations/invitation/${to}`);
  const hidden = [...content.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)];
  const body = new URLSearchParams({
    ...Object.fromEntries(hidden.map(([, name, value]) => [name ?? '', value ?? ''])),
    ...fields,
  });
  const response = await fetch(new URL(action, service.url), {
    method: 'POST',
    body,
    headers: { ...here, ...headers },
  });
  return { status: response.status, headers: response.headers, page: await response.text() };
}

/** The cookie of a browser in which somebody is signed in. */
async function signedInBrowser(user: { email: string; password: string }): Promise<string> {
  const { headers } = await service.post(
    '/v1/auth/login',
    { email: user.email, password: user.password, cookie: true },
    here,
  );
  return headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
}

async function linkFor(email: string, mails = 1) {
  const organization = await newOrganization(service);
  await invite(service, organization, { email, role: 'viewer' }, mails);
  const { pathname, search } = linkIn(await mailTo(service.mailFolder, email, mails));
  return { organization, path: pathname + search };
}

test('who has no account registers on the page, and joins', async () => {
  const email = newAddress();
  const { organization, path } = await linkFor(email);
  const { status, page, headers } = await open(path);
  expect(status).toBe(200);
  for (const text of [organization.name, organization.owner.email, email, 'Viewer']) {
    expect(page).toContain(text);
  }
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(page).not.toMatch(/<script|style=|\son\w+=/);

  for (const [weak, reason] of [
    ['short', 'at least 8 characters'],
    ['password1', 'Many people use this password'],
  ] as const) {
    const refused = await submit(page, 'register', { fields: { password: weak } });
    expect(refused.status).toBe(422);
    expect(refused.page).toContain(reason);
    expect(refused.page).not.toContain(weak);
  }
  const done = await submit(page, 'register', { fields: { password } });
  expect(done.status).toBe(200);
  expect(done.page).toContain(`You have joined ${organization.name}`);
  expect((await service.post('/v1/auth/login', { email, password })).status).toBe(200);
  expect(Object.values(await rolesIn(service, organization)).toSorted()).toEqual([
    'owner',
    'viewer',
  ]);
  expect((await submit(page, 'register', { fields: { password } })).status).toBe(410);
  expect((await open(path)).status).toBe(410);
});

test('who has an account signs in on the page, and joins; no session is left of it', async () => {
  const user = await addPerson(service);
  const { organization, path } = await linkFor(user.email);
  const { page } = await open(path);
  expect(page).not.toContain('/register');
  const wrong = await submit(page, 'sign-in', {
    fields: { password: 'not the password', code: '' },
  });
  expect(wrong.status).toBe(422);
  expect(wrong.page).toContain('This is not the password of your account.');
  const { body: before } = await service.get('/v1/auth/sessions', user.authorization);

  const done = await submit(page, 'sign-in', { fields: { password: user.password, code: '' } });
  expect(done.status).toBe(200);
  expect(done.headers.getSetCookie()).toEqual([expect.stringMatching(/^device=[\w-]{43};/)]);
  expect(Object.values(await rolesIn(service, organization)).toSorted()).toEqual([
    'owner',
    'viewer',
  ]);
  const { body: after } = await service.get('/v1/auth/sessions', user.authorization);
  expect(after).toEqual(before);
});

test('who has an authenticator app is asked for a code', async () => {
  const user = await factorClient(service).withFactor();
  const { path } = await linkFor(user.email, 3);
  const { page } = await open(path);
  const send = (code: string) =>
    submit(page, 'sign-in', { fields: { password: user.password, code } });
  const missing = await send('');
  expect([missing.status, missing.page.includes('a code of your authenticator app')]).toEqual([
    422,
    true,
  ]);
  expect((await send('000000')).status).toBe(422);
  expect((await send(authenticator(user.secret)())).status).toBe(200);
});

test('who is signed in with the address joins by one button', async () => {
  const user = await addPerson(service);
  const { organization, path } = await linkFor(user.email);
  const cookie = await signedInBrowser(user);
  const { page } = await open(path, { cookie });
  expect(page).not.toContain('type="password"');
  const done = await submit(page, 'accept', { headers: { cookie } });
  expect(done.status).toBe(200);
  expect(Object.values(await rolesIn(service, organization)).toSorted()).toEqual([
    'owner',
    'viewer',
  ]);
});

test('who is signed in with another address is told so, and does not join', async () => {
  const [user, other] = [await addPerson(service), await addPerson(service)];
  const { organization, path } = await linkFor(user.email);
  const cookie = await signedInBrowser(other);
  const { page } = await open(path, { cookie });
  expect(page).toContain(other.email);
  expect(page).toContain('this invitation is for');
  const own = (await open(path, { cookie: await signedInBrowser(user) })).page;
  const refused = await submit(own, 'accept', { headers: { cookie } });
  expect(refused.status).toBe(403);
  expect(refused.page).toContain('You are not signed in with the address that was invited.');
  expect(Object.keys(await rolesIn(service, organization))).toEqual([organization.owner.userId]);
});

test('an invitation is declined by a button, and then works no more', async () => {
  const { path } = await linkFor(newAddress());
  const { page } = await open(path);
  expect((await submit(page, 'decline')).status).toBe(200);
  expect((await open(path)).status).toBe(410);
});

test('looking changes nothing, and a form that another site sends does nothing', async () => {
  const { organization, path } = await linkFor(newAddress());
  const { page } = await open(path);
  await open(path);
  const elsewhere = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
  for (const to of ['register', 'decline'] as const) {
    const fields = to === 'register' ? { password } : {};
    const refused = await submit(page, to, { fields, headers: elsewhere });
    expect(refused.status).toBe(403);
    expect(refused.page).toContain('Another site sent this form.');
  }
  expect((await open(path)).status).toBe(200);
  expect(Object.keys(await rolesIn(service, organization))).toHaveLength(1);
});

test('who finds no seat is told so on the page', async () => {
  const { organization, path } = await linkFor(newAddress());
  for (let index = 1; index < 4; index += 1) await addMember(service, organization);
  const refused = await submit((await open(path)).page, 'register', { fields: { password } });
  expect(refused.status).toBe(409);
  expect(refused.page).toContain('There is no seat left.');
});

test('a person is shown a page whatever stands in the link', async () => {
  const path = '/organizations/invitation';
  for (const query of ['', '?token=', `?token=${'x'.repeat(201)}`, '?token=a&token=b']) {
    const { status, page } = await open(path + query);
    expect([query, status]).toEqual([query, 410]);
    expect(page).toContain('This link does not work any more');
  }
});

test.for([
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'><svg onload=alert(1)>",
  '</title><b>bold</b>',
  '</form><form action=//evil.example>',
])('a name such as %s is shown as text', async (name) => {
  const organization = await newOrganization(service, name.replace('//', '/'));
  const email = newAddress();
  await invite(service, organization, { email });
  const { pathname, search } = linkIn(await mailTo(service.mailFolder, email));
  const { page } = await open(pathname + search);
  expect(page).not.toMatch(/<script|<img|<svg|<b>bold|evil\.example>/);
  const text = page.replaceAll(/&#(\d+);/g, (_, code: string) =>
    String.fromCodePoint(Number(code)),
  );
  expect(text).toContain(organization.name);
  const done = await submit(page, 'register', { fields: { password } });
  expect([done.status, /<script|<img|<svg|<b>bold/.test(done.page)]).toEqual([200, false]);
});

test('every field has a label, and a page a heading and a language', async () => {
  const user = await addPerson(service);
  const pages = [
    (await open((await linkFor(newAddress())).path)).page,
    (await open((await linkFor(user.email)).path)).page,
  ];
  for (const page of pages) {
    expect(page).toMatch(/<html lang="en">/);
    expect(page).toMatch(/<h1>[^<]+<\/h1>/);
    const fields = [...page.matchAll(/<input\s[^>]*\bid="(\w+)"/g)].map(([, id]) => id);
    expect(fields.length).toBeGreaterThan(0);
    for (const id of fields) expect(page).toContain(`<label for="${id}">`);
  }
});
