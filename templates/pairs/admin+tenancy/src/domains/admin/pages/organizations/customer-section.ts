import { asc, eq } from 'drizzle-orm';
import { memberships, organizations } from '#app/domains/organizations/models.ts';
import { titleOf } from '#app/domains/organizations/roles.ts';
import { table } from '../components/table.ts';
import { link, moment, text } from '../components/values.ts';
import { defineCustomerSection } from '../customers/define-section.ts';

/** Organizations that are listed at most. */
const listed = 100;

/** What the customer belongs to. */
export const organizationsSection = defineCustomerSection({
  title: 'Organizations',
  permission: 'organizations.read',
  load: ({ database: { queries } }, { id }) =>
    queries
      .select({
        accountId: organizations.accountId,
        name: organizations.name,
        role: memberships.role,
        joinedAt: memberships.createdAt,
      })
      .from(memberships)
      .innerJoin(organizations, eq(organizations.accountId, memberships.accountId))
      .where(eq(memberships.userId, id))
      .orderBy(asc(organizations.name))
      .limit(listed),
  view: (rows) =>
    table(
      rows,
      [
        {
          title: 'Organization',
          cell: ({ accountId, name }) => link(`/admin/organizations/${accountId}`, name),
        },
        { title: 'Role', cell: ({ role }) => text(titleOf(role)) },
        { title: 'Joined', cell: ({ joinedAt }) => moment(joinedAt) },
      ],
      { caption: 'Organizations', empty: 'Belongs to no organization.' },
    ),
});
