import { eq } from 'drizzle-orm';
import { html } from 'ghtml';
import { auditLog } from '#app/platform/audit/models.ts';
import { newestOf, pageSize } from '../../audit/entries.ts';
import { entryTable, readNames } from '../../audit/entry-table.ts';
import { auditPath } from '../../audit/filters.ts';
import { link } from '../../components/values.ts';
import { defineCustomerSection } from '../define-section.ts';

/** What the customer did last, and what was done to them. */
export const auditSection = defineCustomerSection({
  title: 'Audit log',
  permission: 'audit.read',
  async load({ database: { queries } }, { id, accountId }) {
    const user = `user:${id}`;
    const concerned = [
      eq(auditLog.actor, user),
      eq(auditLog.subject, user),
      eq(auditLog.subject, `account:${accountId}`),
    ];
    const entries = await newestOf(queries, concerned, pageSize);
    return { entries, names: await readNames(queries, entries) };
  },
  view: ({ entries, names }, _, { id, accountId }) => html`
    !${entryTable(entries, names, 'Nothing is recorded of this customer.')}
    <p>
      All of it: !${link(auditPath({ actor: `user:${id}` }), 'by this person')},
      !${link(auditPath({ subject: `user:${id}` }), 'to this person')},
      !${link(auditPath({ subject: `account:${accountId}` }), 'to the account')}
    </p>
  `,
});
