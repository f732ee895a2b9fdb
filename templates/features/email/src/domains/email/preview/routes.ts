// What mails look like, at /dev/mail, for who works on them.
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { notFound } from '#app/http/errors.ts';
import { html, open, reply, route, stream, type Route } from '#app/http/route.ts';
import { htmlOf } from '#app/platform/email/html.ts';
import { textOf } from '#app/platform/mail/mail.ts';
import type { MailSettings } from '#app/platform/mail/settings.ts';
import { mailExamples } from './examples.ts';
import type { MailExample, MailExamples } from './define-example.ts';
import { listPage, mailPage } from './pages.ts';
import { sentMail, sentMails, type SentMail } from './sent.ts';

const styleSheet = join(import.meta.dirname, 'preview.css');
/** Mails of those that were sent that are listed at most. */
const listed = 50;

const groups: readonly MailExamples[] = Object.values(mailExamples);
const hidden = { undocumented: true, guard: open } as const;

/** A page loads its style sheet and the frames with mails; a mail has its styles in itself. */
const pageHeaders = {
  'Content-Security-Policy':
    "default-src 'none';style-src 'self';img-src data:;frame-src 'self';base-uri 'none';form-action 'none';frame-ancestors 'none'",
};
const frameHeaders = {
  'Content-Security-Policy':
    "default-src 'none';style-src 'unsafe-inline';base-uri 'none';form-action 'none';frame-ancestors 'self';sandbox allow-popups allow-popups-to-escape-sandbox",
};

export function previewRoutes(settings: Pick<MailSettings, 'MAIL_FOLDER'>): Route[] {
  const { MAIL_FOLDER: folder } = settings;
  return [
    route({
      ...hidden,
      method: 'get',
      path: '/dev/mail',
      summary: 'List the mails',
      answers: { 200: html() },
      handler: async () =>
        reply(200, listPage(groups, await sentMails(folder, listed)), pageHeaders),
    }),
    route({
      ...hidden,
      method: 'get',
      path: '/dev/mail/preview.css',
      summary: 'Style the preview of mails',
      answers: { 200: stream('text/css; charset=utf-8') },
      handler: async () => reply(200, createReadStream(styleSheet)),
    }),
    ...sentRoutes(folder),
    ...exampleRoutes(),
  ];
}

function sentRoutes(folder: string): Route[] {
  const params = z.object({ key: z.string().regex(/^[\w-]{1,100}$/) });
  const find = async (key: string): Promise<SentMail> => {
    const mail = await sentMail(folder, key);
    if (mail === undefined) throw notFound();
    return mail;
  };
  return [
    route({
      ...hidden,
      method: 'get',
      path: '/dev/mail/sent/:key',
      summary: 'Show a mail that was sent',
      params,
      answers: { 200: html() },
      handler: async ({ params: { key } }) => {
        const mail = await find(key);
        const frame = mail.html === undefined ? undefined : `/dev/mail/sent/${key}/html`;
        return reply(200, mailPage({ ...mail, frame }), pageHeaders);
      },
    }),
    route({
      ...hidden,
      method: 'get',
      path: '/dev/mail/sent/:key/html',
      summary: 'Show the HTML of a mail that was sent',
      params,
      answers: { 200: html() },
      handler: async ({ params: { key } }) => {
        const mail = await find(key);
        if (mail.html === undefined) throw notFound();
        return reply(200, mail.html, frameHeaders);
      },
    }),
  ];
}

function exampleRoutes(): Route[] {
  const params = z.object({ name: z.string() });
  return [
    route({
      ...hidden,
      method: 'get',
      path: '/dev/mail/:name',
      summary: 'Show a mail',
      params,
      answers: { 200: html() },
      handler: async ({ params: { name } }) => {
        const { mail } = exampleNamed(name);
        const shown = { ...mail, text: textOf(mail), frame: `/dev/mail/${name}/html` };
        return reply(200, mailPage(shown), pageHeaders);
      },
    }),
    route({
      ...hidden,
      method: 'get',
      path: '/dev/mail/:name/html',
      summary: 'Show the HTML of a mail',
      params,
      answers: { 200: html() },
      handler: async ({ params: { name } }) =>
        reply(200, htmlOf(exampleNamed(name).mail), frameHeaders),
    }),
  ];
}

/** @throws not_found */
function exampleNamed(name: string): MailExample {
  const example = groups.flatMap(({ mails }) => mails).find((each) => each.name === name);
  if (example === undefined) throw notFound();
  return example;
}
