import { eq } from 'drizzle-orm';
import { html } from 'ghtml';
import { deletionErrors } from '#app/domains/organizations/deletion/deletion.ts';
import { notFound } from '#app/http/errors.ts';
import { auditLog } from '#app/platform/audit/models.ts';
import { actorOf } from '../../operator.ts';
import { newestOf, pageSize } from '../audit/entries.ts';
import { entryTable, readNames } from '../audit/entry-table.ts';
import { auditPath } from '../audit/filters.ts';
import { facts } from '../components/facts.ts';
import { link, moment, section, text } from '../components/values.ts';
import type { AccountSection } from '../customers/define-section.ts';
import { actionsOf, shownTo } from '../customers/page.ts';
import { defineAction, defineAdminPage } from '../define-page.ts';
import { readOrganization, type FoundOrganization } from './find-organizations.ts';
import { organizationState } from './list-page.ts';
import { organizationParams as params } from './params.ts';
import { invitationTable, listed, memberTable, peopleActions } from './people.ts';
import { sections } from './sections.ts';

const all: readonly AccountSection[] = Object.values(sections);

const deletion = defineAction({
  label: 'Delete the organization',
  confirm: 'Delete it with all that it has stored. Nothing brings it back.',
  permission: 'organizations.delete',
  sensitive: true,
  params,
  done: 'The organization has no members any more. What it has stored is being removed.',
  refusals: [...deletionErrors, notFound],
  run: async ({ services, operator, params: { id } }) => {
    await services.organizations.deletion.deleteFor(actorOf(operator), id);
    return { to: '/admin/organizations' };
  },
});

export const organizationPage = defineAdminPage({
  path: '/organizations/:id',
  permission: 'organizations.read',
  params,
  async load({ services, operator, params: { id } }) {
    const { organizations: own, members, invitations } = services.organizations;
    const { queries } = services.database;
    const organization = await readOrganization(queries, id);
    const [seats, people, invited, loaded, entries] = await Promise.all([
      own.seats(id),
      members.list(id, { limit: listed }),
      invitations.list(id, { limit: listed }),
      Promise.all(
        shownTo(operator, all).map(async (each) => ({
          each,
          data: await each.load(services, { accountId: id }),
        })),
      ),
      newestOf(queries, [eq(auditLog.subject, `account:${id}`)], pageSize),
    ]);
    const names = await readNames(queries, entries);
    return { organization, seats, people, invited, loaded, entries, names };
  },
  title: ({ organization }) => organization.name,
  view: ({ organization, seats, people, invited, loaded, entries, names }, view) => {
    const { accountId } = organization;
    return [
      renderFacts(organization, seats),
      section('Members', memberTable(people, view)),
      section('Invitations', invitationTable(invited, view)),
      ...loaded.map(({ each, data }) => section(each.title, each.view(data, view, { accountId }))),
      ...(view.may('audit.read')
        ? [
            section(
              'Audit log',
              html`!${entryTable(entries, names, 'Nothing is recorded of it.')}
                <p>!${link(auditPath({ subject: `account:${accountId}` }), 'All of it')}</p>`,
            ),
          ]
        : []),
      ...(view.may(deletion.permission) ? [section('Delete', view.form('delete'))] : []),
    ].join('');
  },
  actions: { ...actionsOf(all), ...peopleActions, delete: deletion },
});

function renderFacts(
  organization: FoundOrganization,
  { taken, limit }: { readonly taken: number; readonly limit: number },
): string {
  const { accountId, slug, createdAt } = organization;
  return facts([
    ['Slug', text(slug)],
    ['Account id', html`<code>${accountId}</code>`],
    ['State', organizationState(organization)],
    ['Created', moment(createdAt)],
    ['Seats', text(`${taken} of ${Number.isFinite(limit) ? limit : 'as many as it likes'}`)],
  ]);
}
