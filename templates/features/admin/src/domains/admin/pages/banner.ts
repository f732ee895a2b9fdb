import { html } from 'ghtml';
import type { Operator } from '../operator.ts';
import { moment } from './components/values.ts';

/** What says, on every page, that the operator acts in a customer's place, and ends it. */
export function renderBanner({ impersonation, formToken }: Operator): string {
  if (impersonation === undefined) return '';
  const { email, expiresAt } = impersonation;
  return html`<aside class="banner" aria-label="Impersonation">
    <p>You act as <strong>${email}</strong> until !${moment(expiresAt)}.</p>
    <p><a href="/admin/impersonation">Its access token</a></p>
    <form method="post" action="/admin/impersonation/end" class="inline">
      <input type="hidden" name="_token" value="${formToken}" />
      <button>End it</button>
    </form>
  </aside>`;
}
