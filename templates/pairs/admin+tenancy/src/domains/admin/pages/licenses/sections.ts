// What an account is licensed to, on the page of the customer or the organization that it is.
import { html } from 'ghtml';
import type { Grant } from '#app/domains/licenses/grants.ts';
import type { License } from '#app/domains/licenses/license.ts';
import type { Services } from '#app/lifecycle.ts';
import { facts } from '../components/facts.ts';
import { table } from '../components/table.ts';
import { moment, state, text } from '../components/values.ts';
import { readCustomer } from '../customers/customer.ts';
import { defineAccountSection, defineCustomerSection } from '../customers/define-section.ts';
import type { View } from '../define-page.ts';
import { licenseActions, permission } from './actions.ts';

const shown = { title: 'License', permission: 'licenses.read' } as const;

/** The personal account. */
export const customerLicense = defineCustomerSection({
  ...shown,
  load: readLicenses,
  view: licenseView,
  actions: licenseActions(
    async ({ database }, id) => (await readCustomer(database.queries, id)).accountId,
  ),
});

export const organizationLicense = defineAccountSection({
  ...shown,
  load: readLicenses,
  view: licenseView,
  actions: licenseActions(async (_services, id) => id),
});

interface Licensed {
  readonly license: License;
  readonly grants: readonly Grant[];
}

async function readLicenses(
  { licenses }: Services,
  { accountId }: { readonly accountId: string },
): Promise<Licensed> {
  const [license, grants] = await Promise.all([
    licenses.of(accountId),
    licenses.grants.list(accountId),
  ]);
  return { license, grants };
}

const sources: Readonly<Record<License['source'], string>> = {
  plan: 'By what it pays for.',
  grant: 'By what was granted.',
  none: 'What every account has.',
};

function licenseView({ license, grants }: Licensed, view: View): string {
  const { source, plan, seats, entitlements, expiresAt } = license;
  return html`!${facts([
    ['In force', text(sources[source])],
    ...(plan === undefined ? [] : [['Plan', text(plan)] as const]),
    ['Seats', text(Number.isFinite(seats) ? seats : 'as many as it likes')],
    ['Entitlements', text(entitlements.join(', '))],
    ['Grants end', moment(expiresAt)],
  ])}
  !${grantTable(grants, view)} !${view.may(permission) ? grantForm(view) : ''}`;
}

function grantForm(view: View): string {
  return html`<details>
    <summary>Grant something</summary>
    !${view.form('grant-license')}
  </details>`;
}

function grantTable(grants: readonly Grant[], view: View): string {
  const columns = [
    { title: 'Granted', cell: ({ createdAt }: Grant) => moment(createdAt) },
    { title: 'State', cell: grantState },
    { title: 'Seats', cell: ({ seats }: Grant) => text(seats) },
    { title: 'Entitlements', cell: ({ entitlements }: Grant) => text(entitlements.join(', ')) },
    { title: 'Ends', cell: ({ expiresAt }: Grant) => moment(expiresAt) },
    { title: 'Reason', cell: ({ reason }: Grant) => text(reason) },
    { title: 'By', cell: ({ grantedBy }: Grant) => text(grantedBy) },
    {
      title: 'Revoke',
      cell: ({ id, isInForce, createdAt }: Grant) =>
        isInForce
          ? html`<details>
              <summary>Revoke</summary>
              !${view.form('revoke-license', {
                key: id,
                values: { grant: id },
                about: `the grant of ${createdAt.toISOString()}`,
              })}
            </details>`
          : '',
    },
  ].filter(({ title }) => title !== 'Revoke' || view.may(permission));
  return table(grants, columns, { caption: 'Grants', empty: 'Nothing was granted.' });
}

function grantState({ isInForce, revokedAt }: Grant): string {
  if (isInForce) return state('in force', 'good');
  return state(revokedAt === null ? 'ended' : 'revoked');
}
