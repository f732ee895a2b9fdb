// Single values as HTML.
import { html } from 'ghtml';

/** Text as it is, escaped; a dash where there is none. */
export function text(value: string | number | null | undefined): string {
  return value === null || value === undefined || value === '' ? '–' : html`${value}`;
}

/** A moment, in UTC, to the second. */
export function moment(value: Date | null | undefined): string {
  if (value === null || value === undefined) return '–';
  const iso = value.toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`;
}

/** A link within the admin area. */
export function link(to: `/admin${string}`, label: string): string {
  return html`<a href="${to}">${label}</a>`;
}

/** A state, with how good it is. */
export function state(label: string, mood: 'good' | 'bad' | 'plain' = 'plain'): string {
  return html`<span class="state ${mood}">${label}</span>`;
}

/** A section of a page under a heading of its own. */
export function section(title: string, content: string): string {
  return html`<section>
    <h2>${title}</h2>
    !${content}
  </section>`;
}
