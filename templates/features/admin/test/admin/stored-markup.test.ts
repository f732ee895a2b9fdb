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

/** Puts a text wherever a customer can, and gives the pages that show it. */
async function pagesWith(text: string): Promise<ReadonlyMap<string, string>> {
  const { connection } = service.database;
  const email = `${text}${randomBytes(3).toString('hex')}`;
  const customer = await addCustomer(service.database, email);
  await addSession(service.database, customer, text);
  await connection.query(
    `INSERT INTO email_tokens (token_hash, user_id, purpose, email, expires_at)
     VALUES (?, ?, 'change', ?, UTC_TIMESTAMP(3) + INTERVAL 1 HOUR)`,
    [randomBytes(32), customer.id, text],
  );
  const user = `user:${customer.id}`;
  const acts = [
    { actor: user, action: 'user.renamed', subject: text, detail: { [text]: text } },
    { actor: text, action: 'user.renamed', subject: user, detail: { list: [text] } },
    { actor: `user:${text}`, action: 'user.renamed', subject: `admin:${text}` },
  ];
  await log.record(...acts);

  const addresses = {
    'the list of customers': `/admin/customers?${new URLSearchParams({ q: email }).toString()}`,
    'a search that finds nobody': `/admin/customers?${new URLSearchParams({ q: `${text}!` }).toString()}`,
    'the page of a customer': `/admin/customers/${customer.id}`,
    'the audit log by its actor': `/admin/audit?${new URLSearchParams({ actor: text }).toString()}`,
    'the audit log by its subject': `/admin/audit?${new URLSearchParams({ subject: text }).toString()}`,
    'the audit log by what nobody did': `/admin/audit?${new URLSearchParams({ action: text }).toString()}`,
  };
  const pages = new Map<string, string>();
  for (const [name, path] of Object.entries(addresses)) {
    const { status, body } = await operator.get(path);
    expect(status, name).toBe(200);
    pages.set(name, String(body));
  }
  return pages;
}

let plain: ReadonlyMap<string, string>;

beforeAll(async () => {
  plain = await pagesWith('plain');
});

describe.each(corpus)('%s', (text) => {
  test('is shown as it was written, and is nothing but text', async () => {
    for (const [name, page] of await pagesWith(text)) {
      expect(unescape(page), name).toContain(text);
      expect(tagsOf(page), name).toEqual(tagsOf(plain.get(name) ?? ''));
      if (/[<>"'`]/.test(text)) expect(page, name).not.toContain(text);
      expect(page, name).not.toMatch(/(?:href|src|action)="\s*javascript:/i);
    }
  });
});

test('the comparison bites: markup in a page is another page', () => {
  expect(tagsOf('<p>plain</p>')).toEqual(['p', '/p']);
  expect(tagsOf('<p><b onclick="x">plain</b></p>')).toEqual(['p', 'b onclick', '/b', '/p']);
  expect(tagsOf('<a title="" onfocus=x>')).not.toEqual(tagsOf('<a title="plain">'));
  expect(tagsOf('<!--<b>')).toEqual(['!-- <b']);
});
