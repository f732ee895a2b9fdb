import { html } from 'ghtml';
import type { AppError } from '#app/errors.ts';
import { requestContext } from '#app/http/request-context.ts';
import { service } from '#app/service.ts';
import { assetUrls } from '../assets/assets.ts';
import type { Operator } from '../operator.ts';
import { roles } from '../roles.ts';
import { renderBanner } from './banner.ts';

export interface Layout {
  readonly title: string;
  readonly content: string;
  /** Of the answer's policy: no other script runs. Without it, none does. */
  readonly nonce?: string;
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
        <link rel="stylesheet" href="${assetUrls.styleSheet}" />
        !${nonce === undefined ? '' : renderScript(nonce)}
      </head>
      <body class="${operator === undefined ? 'narrow' : 'wide'}">
        <a class="skip" href="#main">To the content</a>
        !${operator === undefined ? '' : renderBanner(operator)}
        <header>
          <a class="brand" href="/admin">${service.name} <span>admin</span></a>
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

/** htmx without what the policy would not let it do anyway. */
function renderScript(nonce: string): string {
  const config = JSON.stringify({
    includeIndicatorStyles: false,
    allowEval: false,
    allowScriptTags: false,
    historyCacheSize: 0,
    refreshOnHistoryMiss: true,
  });
  return html`<meta name="htmx-config" content="${config}" />
    <script defer nonce="${nonce}" src="${assetUrls.script}"></script>`;
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

/** The page of an error. It says no more than problem details would. */
export function errorPage(error: AppError): string {
  return layout({
    title: error.kind.title,
    content: html`!${explain(error)}
      <p><a href="/admin">To the admin area</a></p>`,
  });
}

function explain({ kind, details }: AppError): string {
  if (details.detail !== undefined) return html`<p>${details.detail}</p>`;
  if (kind.status === 404) return html`<p>There is nothing at this address, or not any more.</p>`;
  if (kind.status < 500) return '';
  const id = requestContext.getStore()?.requestId;
  return html`<p>The log says more, under the request <code>${id}</code>.</p>`;
}
