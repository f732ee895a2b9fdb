// The audit log as a file, a line of JSON for each entry. It is no action of the page, since what it
// answers is as long as the log.
import { Readable } from 'node:stream';
import { z } from 'zod';
import type { Database } from '#app/database/database.ts';
import { form, reply, route, stream, type Route } from '#app/http/route.ts';
import type { Services } from '#app/lifecycle.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { lineOf, readEntries, type EntryRange } from '#app/platform/audit/read.ts';
import { actorOf } from '../../operator.ts';
import { formToken } from '../components/form.ts';
import { defineAction } from '../define-page.ts';
import { asPage, requireToken } from '../page-routes.ts';
import { auditFilters, momentsOf } from './filters.ts';

/** How its form looks, and who sees it. */
export const exportForm = defineAction({
  label: 'Export as JSON lines',
  permission: 'audit.export',
  done: '',
  run: async () => {},
});

const Sent = auditFilters.extend({ [formToken]: z.string().default('') });

export function auditExportRoute({ database, admin }: Services): Route {
  return route({
    method: 'post',
    path: '/admin/audit/export',
    summary: 'Export the audit log',
    ...asPage,
    guard: admin.guards.action(exportForm),
    body: form(Sent),
    answers: { 200: stream('application/jsonl; charset=utf-8') },
    async handler({ body: { [formToken]: token, ...filters }, request }) {
      // Once more: who sends a form slowly has time to be signed out, or to lose a right.
      const operator = await admin.guards.action(exportForm).check(request);
      requireToken(operator, { [formToken]: token });
      // Before the first line: whoever breaks off has seen what came until then.
      await database.transaction((tx) =>
        recordAct(tx, { actor: actorOf(operator), action: 'audit.exported', detail: filters }),
      );
      const { actor, action, subject } = filters;
      const lines = linesOf(database, { actor, action, subject, ...momentsOf(filters) });
      const day = new Date().toISOString().slice(0, 10);
      return reply(200, Readable.from(lines), {
        'Content-Disposition': `attachment; filename="audit-${day}.jsonl"`,
      });
    },
  });
}

async function* linesOf(database: Database, range: EntryRange): AsyncGenerator<string> {
  for await (const entries of readEntries(database, range)) {
    yield entries.map(lineOf).join('');
  }
}
