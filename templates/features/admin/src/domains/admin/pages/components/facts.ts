import { html } from 'ghtml';

/** What is known of one thing: names and values, each value as HTML. */
export function facts(entries: readonly (readonly [name: string, value: string])[]): string {
  return html`<dl>
    !${entries.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>!${value}</dd>
        </div>`,
    )}
  </dl>`;
}
