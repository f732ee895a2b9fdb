// What a mail program makes of a mail's HTML, as far as tests look at it.

/** A text as it is read: ghtml writes what could be markup as numbers. */
export function unescape(text: string): string {
  return text.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}

/** Where its links lead, each once. */
export function linksOf(page: string): string[] {
  const links = [...page.matchAll(/<a\s+href="([^"]*)"/g)].map(([, link = '']) => unescape(link));
  return [...new Set(links)];
}

/** The names of its elements in their order, with those of their attributes. */
export function elementsOf(page: string): string[] {
  return [...page.matchAll(/<(!?[a-z][^\s>/]*)((?:"[^"]*"|[^">])*)>/gi)].map(
    ([, name = '', attributes = '']) =>
      [name, ...(attributes.replaceAll(/"[^"]*"/g, '').match(/[^\s=/]+/g) ?? [])].join(' '),
  );
}
