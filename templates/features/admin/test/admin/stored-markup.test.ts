// Whatever customers write is text in the admin area: it is put in wherever they can, and no page
// shows anything else than with a plain word in its place.
import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { useService } from '../support/service.ts';
import { useAuditLog } from './support/audit-log.ts';
import { addCustomer, addSession } from './support/customers.ts';
import { useOperator } from './support/operator.ts';
import { tagsOf, unescape } from './support/page.ts';

const service = useService();
const operator = useOperator(service, 'owner');
const log = useAuditLog(service);

/** After OWASP, Cross Site Scripting Prevention: one for each place that a text can break out of. */
const corpus = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'><svg onload=alert(1)>",
  '</title><script>alert(1)</script>',
  '</textarea><script>alert(1)</script>',
  '</td></tr></table><form action=//example.com>',
  '" autofocus onfocus=alert(1) x="',
  "' onmouseover='alert(1)",
  '`onload=alert(1)`',
  'javascript:alert(1)',
  '<!--<img src=x onerror=alert(1)>',
  '<![cdata[<b>]]>',
  '&lt;img src=x onerror=alert(1)&gt;',
  '<iframe srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;">',
  '</script><b hx-get=//example.com hx-trigger=load>',
];

/** The pages that show what a customer writes, by what they are asked for. */
const addresses = {
  'the list of customers': ({ email }) => `/admin/customers?${query({ q: email })}`,
  'a search that finds nobody': ({ text }) => `/admin/customers?${query({ q: `${text}!` })}`,
  'the page of a customer': ({ id }) => `/admin/customers/${id}`,
  'the audit log by its actor': ({ text }) => `/admin/audit?${query({ actor: text })}`,
  'the audit log by its subject': ({ text }) => `/admin/audit?${query({ subject: text })}`,
  'the audit log by what nobody did': ({ text }) => `/admin/audit?${query({ action: text })}`,
} satisfies Record<string, (written: { text: string; id: string; email: string }) => string>;

type Page = keyof typeof addresses;
const pageNames = Object.keys(addresses) as Page[];

function query(parameters: Record<string, string>): string {
  return new URLSearchParams(parameters).toString();
}

/** Puts a text wherever a customer can, and gives the pages that show it. */
async function pagesWith(text: string): Promise<Record<Page, string>> {
  const customer = await addCustomer(service.database, `${text}${randomBytes(3).toString('hex')}`);
  await addSession(service.database, customer, text);
  await service.database.connection.query(
    `INSERT INTO email_tokens (token_hash, user_id, purpose, email, expires_at)
     VALUES (?, ?, 'change', ?, UTC_TIMESTAMP(3) + INTERVAL 1 HOUR)`,
    [randomBytes(32), customer.id, text],
  );
  const user = `user:${customer.id}`;
  await log.record(
    { actor: user, action: 'user.renamed', subject: text, detail: { [text]: text } },
    { actor: text, action: 'user.renamed', subject: user, detail: { list: [text] } },
    { actor: `user:${text}`, action: 'user.renamed', subject: `admin:${text}` },
  );
  const pages = await Promise.all(
    pageNames.map(async (name) => {
      const { status, body } = await operator.get(addresses[name]({ text, ...customer }));
      expect(status).toBe(200);
      return [name, String(body)];
    }),
  );
  return Object.fromEntries(pages);
}

let plain: Record<Page, string>;

beforeAll(async () => {
  plain = await pagesWith('plain');
});

describe.each(corpus)('%s', (text) => {
  let pages: Record<Page, string>;

  beforeAll(async () => {
    pages = await pagesWith(text);
  });

  test.each(pageNames)('is shown as it was written, and is nothing but text: %s', (name) => {
    const page = pages[name];
    expect(unescape(page)).toContain(text);
    expect(tagsOf(page)).toEqual(tagsOf(plain[name]));
    expect(page.includes(text)).toBe(!/[<>"'`&]/.test(text));
    expect(page).not.toMatch(/(?:href|src|action)="\s*javascript:/i);
  });
});

test('the comparison bites: markup in a page is another page', () => {
  expect(tagsOf('<p>plain</p>')).toEqual(['p', '/p']);
  expect(tagsOf('<p><b onclick="x">plain</b></p>')).toEqual(['p', 'b onclick', '/b', '/p']);
  expect(tagsOf('<a title="" onfocus=x>')).not.toEqual(tagsOf('<a title="plain">'));
  expect(tagsOf('<!--<b>')).toEqual(['!-- <b']);
});
