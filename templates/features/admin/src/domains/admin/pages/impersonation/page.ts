import { html } from 'ghtml';
import { notActing } from '../../impersonation/errors.ts';
import { reasonOf } from '../../impersonation/latest.ts';
import { facts } from '../components/facts.ts';
import { link, moment, text } from '../components/values.ts';
import { defineAction, defineAdminPage } from '../define-page.ts';

/** For whom the operator acts, and the token to do it with. */
export const impersonationPage = defineAdminPage({
  path: '/impersonation',
  title: 'Impersonation',
  permission: 'impersonation.read',
  async load({ services, operator: { impersonation } }) {
    if (impersonation === undefined) return undefined;
    const reason = await reasonOf(services.database.queries, impersonation.id);
    return { ...impersonation, reason };
  },
  view(running, view) {
    if (running === undefined) {
      return html`<p>
        You act in nobody’s place. Begin on the page of one of the
        !${link('/admin/customers', 'customers')}.
      </p>`;
    }
    const { userId, email, expiresAt, reason } = running;
    return html`!${facts([
        ['Customer', link(`/admin/customers/${userId}`, email)],
        ['Until', moment(expiresAt)],
        ['Reason', text(reason)],
      ])}
      <p>
        An access token uses the API in this customer’s place. It is good for 15 minutes, or to the
        end of the impersonation where that is sooner, and it cannot be refreshed.
      </p>
      !${view.form('token')} !${view.form('end')}`;
  },
  actions: {
    token: defineAction({
      label: 'Make an access token',
      permission: 'customers.impersonate',
      whileActing: true,
      done: 'It was shown.',
      refusals: [notActing],
      async run({ services, operator }) {
        const token = await services.admin.impersonation.token(operator);
        return {
          title: 'Access token',
          content: renderToken(token, services.settings.APP_ORIGIN),
        };
      },
    }),
    end: defineAction({
      label: 'End it',
      permission: 'customers.impersonate',
      whileActing: true,
      done: 'You act in nobody’s place any more.',
      async run({ services, operator }) {
        const cookie = await services.admin.impersonation.end(operator);
        return { headers: { 'Set-Cookie': cookie } };
      },
    }),
  },
});

function renderToken(token: string, origin: string): string {
  const call = `curl -H 'Authorization: Bearer ${token}' ${origin}/v1/auth/me`;
  return html`<p>It is shown this once. Whoever has it acts in the customer’s place.</p>
    <pre class="scroll" tabindex="0"><code>${token}</code></pre>
    <p>The API is at <code>${origin}/v1</code>. To see whom the token speaks for:</p>
    <pre class="scroll" tabindex="0"><code>${call}</code></pre>
    <p>!${link('/admin/impersonation', 'Back')}</p>`;
}
