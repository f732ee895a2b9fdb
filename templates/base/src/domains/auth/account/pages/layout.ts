import { html } from 'ghtml';
import { service } from '#app/service.ts';

/** A page of one heading, usable without a script, by keyboard, and on a narrow screen. */
export function page(title: string, content: string): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${title} · ${service.name}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/auth/pages.css" />
      </head>
      <body>
        <header>${service.name}</header>
        <main>
          <h1>${title}</h1>
          !${content}
        </main>
      </body>
    </html> `;
}

/** For what was done. */
export function donePage(title: string, sentence: string): string {
  return page(title, html`<p role="status">${sentence}</p>`);
}

/** For a link that is unknown, used, or too old. */
export function deadLinkPage(whatNow: string): string {
  return page(
    'This link does not work any more',
    html`<p>
        It was used already, is too old, or a newer one was sent after it. If your mail program
        broke it into two lines, copy it whole.
      </p>
      <p>!${whatNow}</p>`,
  );
}

/** Why a form that another site has sent was not taken. */
export const fromElsewhere = 'Another site sent this form. If you want it, send it from here.';

/** What says inside a form why a field was refused. */
export function fieldError(message: string | undefined): string {
  return message === undefined ? '' : html`<p class="error" id="error" role="alert">${message}</p>`;
}

/** The attributes of a field: what a screen reader says with it, and whether it was refused. */
export function fieldState(message: string | undefined): string {
  return message === undefined
    ? 'aria-describedby="hint"'
    : 'aria-describedby="error hint" aria-invalid="true" autofocus';
}
