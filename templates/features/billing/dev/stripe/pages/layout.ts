import { html } from 'ghtml';

export const css = `
:root {
  color-scheme: light dark;
  --text: light-dark(#1c2024, #e8eaed);
  --muted: light-dark(#586069, #a3abb5);
  --line: light-dark(#d9dee3, #353b42);
  --back: light-dark(#ffffff, #16191d);
  --panel: light-dark(#f5f7f9, #1f242a);
  --link: light-dark(#4b3fd1, #a9a4ff);
  --bad: light-dark(#a40e26, #ff9492);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto;
  max-width: 46rem;
  padding: 1rem 1rem 3rem;
  background: var(--back);
  color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif;
  overflow-wrap: anywhere;
}
header { color: var(--muted); border-bottom: 1px solid var(--line); padding-bottom: 0.5rem; }
h1 { margin: 1.25rem 0 0.5rem; font-size: 1.6rem; line-height: 1.2; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.2rem; }
h3 { margin: 0; font-size: 1rem; }
p { margin: 0.5rem 0; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
ul { list-style: none; margin: 0; padding: 0; }
li {
  background: var(--panel);
  border: 1px solid var(--line);
  border-radius: 0.5rem;
  margin: 0.5rem 0;
  padding: 0.75rem;
}
form { display: flex; flex-wrap: wrap; gap: 0.5rem; margin: 0.5rem 0 0; }
label { flex: 1 1 100%; }
button, select {
  background: var(--back);
  border: 1px solid var(--link);
  border-radius: 0.375rem;
  color: var(--link);
  cursor: pointer;
  font: inherit;
  max-width: 100%;
  min-height: 2.75rem;
  padding: 0.375rem 0.875rem;
}
button.main { background: var(--link); color: var(--back); }
.stack button { flex: 1 1 100%; }
.hint { color: var(--muted); font-size: 0.9rem; }
.amount { font-size: 2rem; font-weight: 600; }
.error { color: var(--bad); font-weight: 600; }
`;

/** A page of one heading, usable without a script, by keyboard, and on a narrow screen. */
export function page(title: string, content: string): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Stripe, made up</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/pages.css" />
      </head>
      <body>
        <header><a href="/">Stripe, made up</a> for development: no money moves here</header>
        <main>
          <h1>${title}</h1>
          !${content}
        </main>
      </body>
    </html> `;
}

/** What says why nothing was done. */
export function errorLine(message: string | undefined): string {
  return message === undefined ? '' : html`<p class="error" role="alert">${message}</p>`;
}

/** Days as people read them. */
export function dateOf(seconds: number): string {
  return new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' }).format(
    seconds * 1000,
  );
}
