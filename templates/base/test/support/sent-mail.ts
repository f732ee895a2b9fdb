import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';

export interface SentMail {
  readonly to: string;
  readonly subject: string;
  readonly messageId: string;
  readonly text: string;
}

/** The mails in a folder, the oldest first: their names begin with their time. */
export async function mailsIn(folder: string): Promise<SentMail[]> {
  const files = await readdir(folder).catch(() => []);
  const mails = files.filter((file) => file.endsWith('.eml')).toSorted();
  return Promise.all(mails.map(async (file) => parse(await readFile(join(folder, file), 'utf8'))));
}

/** Waits until an address has got so many mails, and gives the last of them. */
export async function mailTo(folder: string, address: string, count = 1): Promise<SentMail> {
  const find = async () => (await mailsIn(folder)).filter(({ to }) => to === address);
  await expect.poll(async () => (await find()).length, { timeout: 10_000 }).toBe(count);
  const mail = (await find()).at(-1);
  if (mail === undefined) throw new Error(`There is no mail to ${address}`);
  return mail;
}

function parse(source: string): SentMail {
  const { headers, body } = split(source);
  const [, boundary] = /boundary="([^"]+)"/.exec(headers.get('content-type') ?? '') ?? [];
  return {
    to: headers.get('to') ?? '',
    subject: headers.get('subject') ?? '',
    messageId: headers.get('message-id') ?? '',
    // Where there is HTML too, the text comes first.
    text: boundary === undefined ? body : split(body.split(`--${boundary}\n`)[1] ?? '').body,
  };
}

function split(source: string): { headers: ReadonlyMap<string, string>; body: string } {
  const end = source.indexOf('\n\n');
  const lines = source.slice(0, end).split('\n');
  const headers = lines.map((line): [string, string] => {
    const [name = '', value = ''] = line.split(/: (.*)/s);
    return [name.toLowerCase(), value];
  });
  return { headers: new Map(headers), body: source.slice(end + 2) };
}
