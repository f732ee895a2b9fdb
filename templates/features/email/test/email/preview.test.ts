// What mails look like, for who works on them: in development alone.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { mailExamples } from '#app/domains/email/preview/examples.ts';
import { emailRoutes } from '#app/domains/email/router.ts';
import type { Services } from '#app/lifecycle.ts';
import { htmlOf } from '#app/platform/email/html.ts';
import { mailTo } from '../support/sent-mail.ts';
import { testSettings, useService } from '../support/service.ts';
import { signUp } from '../support/users.ts';
import { unescape } from './support/markup.ts';

const examples = Object.values(mailExamples).flatMap(({ mails }) => mails);

describe('in development', () => {
  const service = useService({ NODE_ENV: 'development' });
  // Mails are shown in the terminal there, which is no place for them in a test run.
  beforeAll(() => void vi.spyOn(process.stderr, 'write').mockReturnValue(true));
  afterAll(() => void vi.restoreAllMocks());

  test('each mail is listed, and shown as HTML at two widths and as text', async () => {
    const { status, body: list, headers } = await service.get('/dev/mail');
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';style-src 'self'/);
    for (const { name, mail } of examples) {
      expect(list).toContain(`href="/dev/mail/${name}"`);
      const { body: page } = await service.get(`/dev/mail/${name}`);
      const frames = [...page.matchAll(/<iframe([^>]*)>/g)].map(([, attributes]) => attributes);
      expect(frames).toHaveLength(2);
      for (const frame of frames) {
        expect(frame).toContain(`src="/dev/mail/${name}/html"`);
        expect(frame).toMatch(/sandbox="allow-popups allow-popups-to-escape-sandbox"/);
      }
      for (const part of mail.paragraphs) {
        expect(unescape(page)).toContain(typeof part === 'string' ? part : part.link);
      }
    }
  });

  test('the links of the examples lead where this service answers', async () => {
    const links = examples.flatMap(({ mail }) =>
      mail.paragraphs.flatMap((part) => (typeof part === 'string' ? [] : new URL(part.link))),
    );
    const own = links.filter(({ hostname }) => hostname.endsWith('example.com'));
    expect(own.length).toBeGreaterThan(0);
    for (const { href, pathname, search } of own) {
      const { status } = await service.get(pathname + search);
      expect([href, status]).not.toEqual([href, 404]);
    }
  });

  test('the HTML in a frame runs nothing, loads nothing, and is framed by this service alone', async () => {
    const [example] = examples;
    const { body, headers } = await service.get(`/dev/mail/${example?.name}/html`);
    expect(body).toBe(htmlOf(example?.mail ?? { subject: '', paragraphs: [] }));
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain('sandbox allow-popups');
    expect(policy).toContain("frame-ancestors 'self'");
    expect(policy).not.toMatch(/allow-scripts|allow-same-origin|script-src/);
  });

  test('what was sent is listed as well, the newest first, and shown as it was written', async () => {
    const [first, second] = [await signUp(service), await signUp(service)];
    await mailTo(service.mailFolder, first.email);
    const { text } = await mailTo(service.mailFolder, second.email);
    const { body: list } = await service.get('/dev/mail');
    expect(list.indexOf(second.email)).toBeLessThan(list.indexOf(first.email));
    const [, path = ''] = /href="(\/dev\/mail\/sent\/[^"]+)"/.exec(list) ?? [];
    const { body: page } = await service.get(path);
    expect(page).toContain(second.email);
    expect(unescape(page)).toContain(text.trim());
    const { body: html } = await service.get(`${path}/html`);
    const [link = ''] = /https?:\S+token=\S+/.exec(text) ?? [];
    expect(unescape(html)).toContain(`href="${link}"`);
    expect(html.trimEnd()).toMatch(/<\/html>$/);
  });

  test.for(['/dev/mail/nothing', '/dev/mail/nothing/html', '/dev/mail/sent/nothing'])(
    'there is nothing at %s',
    async (path) => {
      expect((await service.get(path)).status).toBe(404);
    },
  );

  test.for(['..%2f..%2fpackage', '%2e%2e%2fkeys', '%2fetc%2fhosts', 'a%00'])(
    'no file elsewhere is shown: %s',
    async (key) => {
      for (const path of [`/dev/mail/sent/${key}`, `/dev/mail/sent/${key}/html`]) {
        expect([404, 422]).toContain((await service.get(path)).status);
      }
    },
  );

  test('its style sheet is there, and the API’s documentation does not have it', async () => {
    expect((await service.get('/dev/mail/preview.css')).status).toBe(200);
    expect(JSON.stringify((await service.get('/openapi.json')).body)).not.toContain('/dev/mail');
  });
});

describe('elsewhere', () => {
  const service = useService();

  test('none of it is there', async () => {
    const [example] = examples;
    for (const path of ['', '/preview.css', `/${example?.name}`, `/${example?.name}/html`]) {
      expect((await service.get(`/dev/mail${path}`)).status).toBe(404);
    }
  });

  test.for([
    ['development', true],
    ['test', false],
    ['production', false],
  ] as const)('in %s its routes are there: %j', ([NODE_ENV, isThere]) => {
    const settings = testSettings(service.database);
    const services = { settings: { ...settings, NODE_ENV } } as Services;
    const paths = emailRoutes(services).map(({ path }) => path);
    expect(paths.some((path) => path.startsWith('/dev/'))).toBe(isThere);
    expect(paths).toContain('/webhooks/email/resend');
  });
});
