import { html } from 'ghtml';
import { z } from 'zod';
import { endSessionOf, endSessionsOf } from '#app/domains/auth/sessions/end-sessions.ts';
import type { Session } from '#app/domains/auth/sessions/sessions.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { actorOf } from '../../../operator.ts';
import { table } from '../../components/table.ts';
import { moment, text } from '../../components/values.ts';
import { defineAction } from '../../define-page.ts';
import { customerParams } from '../customer-params.ts';
import { defineCustomerSection } from '../define-section.ts';

const endSession = defineAction({
  label: 'End',
  permission: 'customers.change',
  params: customerParams,
  input: z.object({ session: z.uuid() }),
  done: 'The session has ended.',
  run: ({ services, operator, params: { id }, input }) =>
    services.database.transaction(async (tx) => {
      // One that has ended meanwhile is as it was asked for.
      if (!(await endSessionOf(tx, id, input.session, services.auth.revocations))) return;
      recordAct(tx, {
        actor: actorOf(operator),
        action: 'user.session_ended',
        subject: `user:${id}`,
        detail: { sessionId: input.session },
      });
    }),
});

const endAllSessions = defineAction({
  label: 'End all sessions',
  permission: 'customers.change',
  params: customerParams,
  done: 'All sessions have ended.',
  run: ({ services, operator, params: { id } }) =>
    services.database.transaction(async (tx) => {
      await endSessionsOf(tx, id, { revocations: services.auth.revocations });
      recordAct(tx, {
        actor: actorOf(operator),
        action: 'user.signed_out_everywhere',
        subject: `user:${id}`,
      });
    }),
});

/** Where the customer is signed in. */
export const sessionsSection = defineCustomerSection({
  title: 'Sessions',
  permission: 'customers.read',
  load: ({ auth }, { id }) => auth.sessions.list(id),
  view: (rows, view) => {
    const columns = [
      { title: 'Began', cell: ({ createdAt }: Session) => moment(createdAt) },
      {
        title: 'Last used',
        cell: ({ lastUsedAt, createdAt }: Session) => moment(lastUsedAt ?? createdAt),
      },
      { title: 'Address', cell: ({ ip }: Session) => text(ip) },
      { title: 'Device', cell: ({ userAgent }: Session) => text(userAgent) },
      {
        title: 'End',
        cell: ({ id, createdAt }: Session) =>
          view.form('end-session', {
            key: id,
            values: { session: id },
            about: `the session of ${createdAt.toISOString()}`,
          }),
      },
    ].filter(({ title }) => title !== 'End' || view.may('customers.change'));
    return html`!${table(rows, columns, { caption: 'Sessions', empty: 'Not signed in anywhere.' })}
    !${rows.length === 0 ? '' : view.form('end-all-sessions')}`;
  },
  actions: { 'end-session': endSession, 'end-all-sessions': endAllSessions },
});
