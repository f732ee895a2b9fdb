// A mail as HTML. Mail programs know little: tables hold it together, what it looks like stands at
// each element, and the style sheet in its head only says what is other in the dark. All that is put
// in by `${…}` is escaped.
import { html } from 'ghtml';
import { service } from '#app/service.ts';
import type { Mail, MailLink } from '../mail/mail.ts';

/** The colours of all mails; those of the dark are in `darkStyles`. */
const colours = {
  back: '#f5f7f9',
  card: '#ffffff',
  line: '#d9dee3',
  text: '#1c2024',
  muted: '#586069',
  link: '#0b57d0',
  onLink: '#ffffff',
};

const darkStyles = `:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .back { background: #101316 !important; }
  .card { background: #16191d !important; border-color: #353b42 !important; }
  .text { color: #e8eaed !important; }
  .muted { color: #a3abb5 !important; }
  .link { color: #8ab4f8 !important; }
  .button { background: #8ab4f8 !important; color: #10233f !important; }
}`;

const font = 'font-family:system-ui,-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif';
/** An address is one long word, and a screen may be narrow. */
const breakWords = 'overflow-wrap:anywhere;word-break:break-word';
const paragraphStyle = `margin:0 0 16px;font-size:16px;line-height:1.55;color:${colours.text};${breakWords}`;
const buttonStyle = `display:inline-block;padding:12px 20px;border-radius:6px;background:${colours.link};color:${colours.onLink};font-size:16px;font-weight:600;line-height:1.25;text-decoration:none`;
const linkStyle = `color:${colours.link};text-decoration:underline;${breakWords}`;
const hiddenStyle =
  'display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;font-size:1px;line-height:1px';
/** Keeps a program that shows the beginning of a mail from going on with what comes next. */
const blank = '\u00A0\u200C'.repeat(40);

/** Renders what a mail says, with the product's name above it. */
export function htmlOf(mail: Pick<Mail, 'subject' | 'paragraphs'>): string {
  const { subject, paragraphs } = mail;
  const firstLink = paragraphs.find((part) => typeof part !== 'string');
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <meta name="format-detection" content="telephone=no, date=no, address=no, email=no" />
        <title>${subject}</title>
        <style>
          !${darkStyles}
        </style>
      </head>
      <body class="back" style="margin:0;padding:0;background:${colours.back}">
        <div style="${hiddenStyle}" aria-hidden="true">${preheaderOf(mail)}${blank}</div>
        <table
          role="presentation"
          class="back"
          width="100%"
          cellpadding="0"
          cellspacing="0"
          border="0"
          style="background:${colours.back}"
        >
          <tr>
            <td align="center" style="padding:24px 12px">
              <table
                role="presentation"
                width="100%"
                cellpadding="0"
                cellspacing="0"
                border="0"
                style="max-width:560px;text-align:left"
              >
                <tr>
                  <td
                    class="muted"
                    style="padding:0 4px 12px;${font};font-size:14px;font-weight:600;color:${colours.muted}"
                  >
                    ${service.name}
                  </td>
                </tr>
                <tr>
                  <td
                    class="card"
                    style="padding:28px 24px 12px;${font};background:${colours.card};border:1px solid ${colours.line};border-radius:8px"
                  >
                    <h1
                      class="text"
                      style="margin:0 0 16px;font-size:20px;line-height:1.3;color:${colours.text};${breakWords}"
                    >
                      ${subject}
                    </h1>
                    !${paragraphs.map((part) =>
                      typeof part === 'string' ? paragraph(part) : linkOf(part, part === firstLink),
                    )}
                  </td>
                </tr>
              </table>
            </td>
          </tr>
        </table>
      </body>
    </html> `;
}

/** What is read beside the subject before a mail is opened. */
function preheaderOf({ paragraphs }: Pick<Mail, 'paragraphs'>): string {
  return paragraphs.find((part) => typeof part === 'string') ?? '';
}

function paragraph(text: string): string {
  return html`<p class="text" style="${paragraphStyle}">${text}</p>`;
}

/** What a mail asks for first is a button. Where each leads can be read, and copied. */
function linkOf({ link, label }: MailLink, isFirst: boolean): string {
  return html`<p style="margin:0 0 8px">
      <a
        href="${link}"
        target="_blank"
        class="${isFirst ? 'button' : 'link'}"
        style="${isFirst ? buttonStyle : `font-size:16px;${linkStyle}`}"
        >${label}</a
      >
    </p>
    <p class="muted" style="margin:0 0 20px;font-size:13px;line-height:1.5;color:${colours.muted}">
      Or open this address:
      <a href="${link}" target="_blank" class="link" style="${linkStyle}">${link}</a>
    </p>`;
}
