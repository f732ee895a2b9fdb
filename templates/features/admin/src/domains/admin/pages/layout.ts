import { html } from 'ghtml';
import { service } from '#app/service.ts';
import type { Operator } from '../operator.ts';
import { roles } from '../roles.ts';
import { renderBanner } from './banner.ts';

export interface Layout {
  readonly title: string;
  readonly content: string;
  /** Of the answer's policy: no other script runs. */
  readonly nonce: string;
  /** Who looks at it; on the pages before signing in, nobody. */
  readonly operator?: Operator;
  /** What the operator may see, for the navigation. */
  readonly navigation?: readonly { readonly label: string; readonly path: string }[];
  /** The address of the page in the navigation. */
  readonly current?: string;
  /** What was just done. */
  readonly notice?: string | undefined;
}

/** A whole page of the admin area, usable without a script, by keyboard, and on a narrow screen. */
export function layout(page: Layout): string {
  const { title, content, nonce, operator, notice } = page;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${title} · ${service.name} admin</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/admin/assets/admin.css" />
        <meta
          name="htmx-config"
          content='{"includeIndicatorStyles":false,"allowEval":false,"historyCacheSize":0}'
        />
        <script defer nonce="${nonce}" src="/admin/assets/htmx.js"></script>
      </head>
      <body>
        <a class="skip" href="#main">To the content</a>
        !${operator === undefined ? '' : renderBanner(operator)}
        <header>
          <a class="brand" href="/admin">${service.name} admin</a>
          !${operator === undefined ? '' : renderNavigation(page, operator)}
        </header>
        <main id="main" tabindex="-1">
          <h1>${title}</h1>
          !${notice === undefined ? '' : html`<p class="notice" role="status">${notice}</p>`}
          !${content}
        </main>
      </body>
    </html> `;
}

function renderNavigation({ navigation = [], current }: Layout, operator: Operator): string {
  return html`<nav aria-label="Admin area">
      <ul>
        !${navigation.map(
          ({ label, path }) =>
            html`<li>
              <a href="${path}" !${path === current ? 'aria-current="page"' : ''}>${label}</a>
            </li>`,
        )}
      </ul>
    </nav>
    <div class="operator">
      <a href="/admin/me">${operator.email}</a> <span>${roles[operator.role].title}</span>
      <form method="post" action="/admin/sign-out" class="inline">
        <input type="hidden" name="_token" value="${operator.formToken}" />
        <button>Sign out</button>
      </form>
    </div>`;
}

/** The page of an error, for who may have nothing but the address. */
export function errorPage(message: string): string {
  return layout({
    title: message,
    nonce: '',
    content: html`<p><a href="/admin">To the admin area</a></p>`,
  });
}
