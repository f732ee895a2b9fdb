import { html } from 'ghtml';
import { service } from '#app/service.ts';
import type { MailExamples } from './define-example.ts';
import type { SentMail } from './sent.ts';

/** A mail in both of its forms. */
export interface ShownMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Where its HTML is; nothing where it has none. */
  readonly frame: string | undefined;
}

/** What there is to see: the mails that this service can send, and those that it has sent. */
export function listPage(groups: readonly MailExamples[], sent: readonly SentMail[]): string {
  return page(
    'Mails',
    html`<h1>Mails</h1>
      !${groups.map(
        ({ title, mails }) =>
          html`<h2>${title}</h2>
            <ul>
              !${mails.map(
                ({ name, mail }) =>
                  html`<li>
                    <a href="/dev/mail/${name}">${mail.subject}</a> <code>${name}</code>
                  </li>`,
              )}
            </ul>`,
      )}
      <h2>Sent</h2>
      !${sent.length === 0 ? '<p class="muted">Nothing was written into a file yet.</p>' : sentList(sent)}`,
  );
}

/** One of them: as HTML on a telephone and on a desk, and as text. */
export function mailPage({ to, subject, text, frame }: ShownMail): string {
  const frames =
    frame === undefined
      ? '<p class="muted">It was written as a text alone.</p>'
      : html`!${frameOf(frame, 'narrow', '375 pixels wide')}
        !${frameOf(frame, 'wide', '640 pixels wide')}`;
  return page(
    subject,
    html`<nav><a href="/dev/mail">All mails</a></nav>
      <h1>${subject}</h1>
      <p class="muted">To ${to}</p>
      <div class="forms">
        !${frames}
        <section>
          <h2>Text</h2>
          <pre tabindex="0">${text}</pre>
        </section>
      </div>`,
  );
}

function sentList(sent: readonly SentMail[]): string {
  return html`<ul>
    !${sent.map(
      ({ key, to, subject, date }) =>
        html`<li>
          <a href="/dev/mail/sent/${key}">${subject}</a>
          <span class="muted">to ${to}, ${date}</span>
        </li>`,
    )}
  </ul>`;
}

/** Nothing in it runs, and its links open elsewhere. */
function frameOf(frame: string, width: 'narrow' | 'wide', title: string): string {
  return html`<section>
    <h2>HTML, ${title}</h2>
    <iframe
      class="${width}"
      src="${frame}"
      title="The mail, ${title}"
      sandbox="allow-popups allow-popups-to-escape-sandbox"
    ></iframe>
  </section>`;
}

function page(title: string, content: string): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · ${service.name}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/dev/mail/preview.css" />
      </head>
      <body>
        <main>!${content}</main>
      </body>
    </html> `;
}
