import { html } from 'ghtml';

/**
 * The way to the page after this one, where there is one.
 *
 * @param path the list's own address
 * @param query what it was asked for, which stays
 * @param next the cursor of the next page
 */
export function pager(
  path: string,
  query: Readonly<Record<string, string | undefined>>,
  next: string | undefined,
): string {
  if (next === undefined) return '';
  const given = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]);
  const parameters = new URLSearchParams([...given, ['cursor', next]]);
  return html`<nav class="pager" aria-label="Pages">
    <a href="${path}?${parameters.toString()}" rel="next">Next page</a>
  </nav>`;
}
