// What holds for every mail that this service can send.
import { readFile } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { MailExamples } from '#app/domains/email/preview/define-example.ts';
import { mailExamples } from '#app/domains/email/preview/examples.ts';
import { htmlOf } from '#app/platform/email/html.ts';
import { Mail, textOf } from '#app/platform/mail/mail.ts';
import { service } from '#app/service.ts';
import { elementsOf, linksOf, unescape } from './support/markup.ts';

const groups: readonly MailExamples[] = Object.values(mailExamples);
const examples = groups.flatMap(({ mails }) => mails);
const source = join(import.meta.dirname, '../../src');

/** The files of this service, by their path in it, with what they say. */
const files = await Promise.all(
  globSync('**/*.ts', { cwd: source }).map(
    async (file) => [file, await readFile(join(source, file), 'utf8')] as const,
  ),
);
const isOfMails = (file: string): boolean => /(?:^|[/\\-])mails\.ts$/.test(file);

test('mails are written in files that are called so, where the next test finds them', () => {
  const elsewhere = files.filter(
    ([file, code]) => !isOfMails(file) && /\bparagraphs: \[/.test(code),
  );
  expect(elsewhere.map(([file]) => file)).toEqual([]);
});

test('each function that makes a mail has an example in the preview', async () => {
  const found: string[] = [];
  for (const [file] of files.filter(([path]) => isOfMails(path))) {
    const exported = (await import(join(source, file))) as Record<string, unknown>;
    const makers = Object.entries(exported).filter(([name]) => name.endsWith('Mail'));
    for (const [name, maker] of makers) {
      found.push(name);
      if (examples.some(({ template }) => template === maker)) continue;
      expect.fail(`${name} of src/${file} has no example: see src/domains/email/preview/examples/`);
    }
  }
  expect(found).toContain('verificationMail');
});

test('the examples have names of their own', () => {
  const names = examples.map(({ name }) => name);
  expect(names.length).toBeGreaterThan(12);
  expect(names).toEqual([...new Set(names)]);
  for (const name of names) expect(name).toMatch(/^[a-z][a-z-]+$/);
});

/** Closes what an attribute, an element or a template could have opened. */
const evil = `"'><script>alert(1)</script><img src=x onerror=alert(1)>\${1}</style></title>`;

describe.each(examples)('the mail $name', ({ mail }) => {
  const page = htmlOf(mail);

  test('is one that can be sent', () => {
    expect(Mail.parse(mail)).toEqual(mail);
  });

  test('says the same as text and as HTML, with the same links', () => {
    const links = mail.paragraphs.flatMap((part) => (typeof part === 'string' ? [] : part.link));
    expect(linksOf(page)).toEqual([...new Set(links)]);
    const text = textOf(mail);
    expect(text.match(/https?:\S+/g) ?? []).toEqual(links);
    const read = unescape(page).replaceAll(/\s+/g, ' ');
    for (const part of mail.paragraphs) {
      expect(read).toContain(`>${typeof part === 'string' ? part : part.link}<`);
      expect(text).toContain(typeof part === 'string' ? part : part.link);
    }
  });

  test('names the product, and what it is about before it is opened', () => {
    const [, head = ''] = /<div style="display:none[^>]*>([^<]*)<\/div>/.exec(page) ?? [];
    expect(unescape(head)).toContain(mail.paragraphs[0]);
    expect(page.replaceAll(/<head>.*<\/head>/gs, '')).toContain(service.name);
    expect(unescape(page)).toContain(`<title>${mail.subject}</title>`);
  });

  test('loads nothing, and is made for the dark and for narrow screens too', () => {
    expect(page).not.toMatch(/<(?:img|script|link|iframe|form)\b|url\(|@import/i);
    expect(page).toContain('@media (prefers-color-scheme: dark)');
    expect(page).toContain('width=device-width');
    for (const [, width] of page.matchAll(/(?<!max-)width:(\d+)px/g)) {
      expect(Number(width)).toBeLessThanOrEqual(375);
    }
  });

  test('shows markup in a name, an address or a plan as text', () => {
    const hostile = htmlOf({
      subject: mail.subject + evil,
      paragraphs: mail.paragraphs.map((part) =>
        typeof part === 'string'
          ? part + evil
          : { link: `${part.link}#"><script>alert(1)</script>`, label: part.label + evil },
      ),
    });
    expect(elementsOf(hostile)).toEqual(elementsOf(page));
    expect(hostile).not.toContain('<script');
    expect(unescape(hostile)).toContain(evil);
  });
});
