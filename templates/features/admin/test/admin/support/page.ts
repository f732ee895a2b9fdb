// What a browser makes of a page, as far as tests look at it.

/** A text of a page as it is read: ghtml writes what could be markup as numbers. */
export function unescape(text: string): string {
  return text.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}

/** The tags of a page in their order, with the names of their attributes. */
export function tagsOf(page: string): string[] {
  return [...page.matchAll(/<(!--|[/!]?[a-z][^\s>/]*)((?:"[^"]*"|'[^']*'|[^'">])*)>/gi)].map(
    ([, name = '', attributes = '']) => {
      const bare = attributes.replaceAll(/"[^"]*"|'[^']*'/g, '');
      return [name, ...(bare.match(/[^\s=/]+/g) ?? [])].join(' ');
    },
  );
}

/** The addresses that the forms of a page are sent to, but for the one that signs out. */
export function formsOf(page: string): string[] {
  return [...page.matchAll(/<form\s+method="post"\s+action="([^"]+)"/g)]
    .map(([, action = '']) => unescape(action))
    .filter((action) => action !== '/admin/sign-out');
}
