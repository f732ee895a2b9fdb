// The mails of this machine: those that went to no server, but into files.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface SentMail {
  /** The name of its file, without its ending. */
  readonly key: string;
  readonly to: string;
  readonly subject: string;
  readonly date: string;
  readonly text: string;
  /** Nothing where it was written as a text alone. */
  readonly html: string | undefined;
}

/** The newest first: their names begin with their time. */
export async function sentMails(folder: string, limit: number): Promise<SentMail[]> {
  const files = await readdir(folder).catch(() => []);
  const keys = files.flatMap((file) => /^(.+)\.eml$/.exec(file)?.[1] ?? []);
  const newest = keys.toSorted().toReversed().slice(0, limit);
  const mails = await Promise.all(newest.map((key) => sentMail(folder, key)));
  return mails.filter((mail) => mail !== undefined);
}

/** @param key a name that leads to no other folder */
export async function sentMail(folder: string, key: string): Promise<SentMail | undefined> {
  const source = await readFile(join(folder, `${key}.eml`), 'utf8').catch(() => undefined);
  return source === undefined ? undefined : parse(key, source);
}

/** As `fileTransport` writes them: unfolded, in lines that end as here, the text first. */
function parse(key: string, source: string): SentMail {
  const { headers, body } = split(source);
  const [, boundary] = /boundary="([^"]+)"/.exec(headers.get('content-type') ?? '') ?? [];
  const parts = boundary === undefined ? [] : body.split(`--${boundary}`).slice(1, -1);
  const [plain = body, html] = parts.map((part) => split(part.trimStart()).body);
  return {
    key,
    to: headers.get('to') ?? '',
    subject: headers.get('subject') ?? '',
    date: headers.get('date') ?? '',
    text: plain.trimEnd(),
    html,
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
