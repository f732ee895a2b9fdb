import type { SentMail } from './sent-mail.ts';

/** The link in a mail that carries a token. */
export function linkIn({ text }: SentMail): URL {
  const [link] = /\bhttps?:\S+\?token=\S+/.exec(text) ?? [];
  if (link === undefined) throw new Error(`There is no link in: ${text}`);
  return new URL(link);
}

export function tokenIn(mail: SentMail): string {
  return linkIn(mail).searchParams.get('token') ?? '';
}
