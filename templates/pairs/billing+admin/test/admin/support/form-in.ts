/**
 * What a browser would send of a form on a page, if nobody changed anything in it.
 *
 * @param action the last part of its address
 * @returns nothing where the page has no such form
 */
export function formIn(page: unknown, action: string): Record<string, string> | undefined {
  const forms = String(page).matchAll(/<form\b[^>]*\baction="([^"]*)"[^>]*>(.*?)<\/form>/gs);
  const content = [...forms].find(([, address]) => address?.endsWith(`/${action}`))?.[2];
  if (content === undefined) return undefined;
  const inputs = [...content.matchAll(/<input\b[^>]*>/g)]
    .filter(([input]) => !input.includes('type="checkbox"') || input.includes(' checked'))
    .map(([input]) => [attributeOf(input, 'name'), attributeOf(input, 'value')]);
  const selects = [...content.matchAll(/<select\b[^>]*>.*?<\/select>/gs)].map(([select]) => {
    const options = [...select.matchAll(/<option\b[^>]*>/g)].map(([option]) => option);
    const chosen = options.find((option) => option.includes(' selected')) ?? options[0] ?? '';
    return [attributeOf(select, 'name'), attributeOf(chosen, 'value')];
  });
  return Object.fromEntries([...inputs, ...selects]);
}

function attributeOf(element: string, name: string): string {
  return unescape(new RegExp(`\\b${name}="([^"]*)"`).exec(element)?.[1] ?? '');
}

/** The text that stands in HTML. */
export function unescape(escaped: string): string {
  return escaped.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}
