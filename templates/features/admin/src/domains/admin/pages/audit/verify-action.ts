// Verifies the audit log from its end, a part at a time: a request may not take as long as the whole
// of a large log does.
import { html } from 'ghtml';
import { z } from 'zod';
import { emptyHead } from '#app/platform/audit/chain.ts';
import { readHead } from '#app/platform/audit/read.ts';
import { verifyPart, type Verified } from '#app/platform/audit/verify.ts';
import type { Operator } from '../../operator.ts';
import { renderForm } from '../components/form.ts';
import { type Action, defineAction } from '../define-page.ts';

/** Entries that are verified at once: some seconds' work. */
const partSize = 100_000;

interface Part {
  /** The entries after this one … */
  readonly after: number;
  /** … up to this one. */
  readonly last: number;
  /** Whether the log has to end there. */
  readonly isEnd: boolean;
}

/** @param size entries that are verified at once; for tests */
export function verifyActionOf(size = partSize): Action {
  const action: Action = defineAction({
    label: 'Verify',
    permission: 'audit.read',
    input: z.object({ last: z.coerce.number().int().positive().optional() }),
    done: 'The audit log was verified.',
    async run({ services: { database, sealing }, operator, input }) {
      const end = ((await readHead(database)) ?? emptyHead).sequence;
      const last = Math.min(input.last ?? end, end);
      const part = { after: Math.max(0, last - size), last, isEnd: last === end };
      const verified = await verifyPart(
        { database, sealing },
        { after: part.after, last: part.isEnd ? undefined : last },
      );
      return verified.broken === undefined
        ? { title: 'Verified', content: renderGood(part, action, operator) }
        : { title: 'The audit log was changed', content: renderBroken(part, verified.broken) };
    },
  });
  return action;
}

export const verifyAction = verifyActionOf();

function renderGood({ after, last, isEnd }: Part, action: Action, operator: Operator): string {
  if (last === 0) return html`<p>Nothing is recorded yet.</p>`;
  const ends = isEnd ? ', and the log ends where it should' : '';
  return html`<p>
      Entries ${after + 1} to ${last} are as they were written, each following on the one
      before${ends}.
    </p>
    !${after === 0 ? renderWhole() : renderRest(after, action, operator)}
    <p><a href="/admin/audit">To the audit log</a></p>`;
}

function renderWhole(): string {
  return html`<p>
    Nothing is before these. That nothing was taken off the end shows beside a head that is kept
    elsewhere.
  </p>`;
}

function renderRest(after: number, action: Action, operator: Operator): string {
  return html`<p>
      Up to ${after} is still to be verified: here, or all at once by
      <code>npm run audit -- verify</code>
    </p>
    !${renderForm({
      name: 'verify',
      action,
      path: '/admin/audit',
      operator,
      attempt: undefined,
      options: { values: { last: after }, label: 'Verify those before' },
    })}`;
}

function renderBroken({ after, last }: Part, { reason }: NonNullable<Verified['broken']>): string {
  return html`<p class="error" role="alert">${reason}</p>
    <p>Entries ${after + 1} to ${last} were looked at, up to this one.</p>
    <p><a href="/admin/audit">To the audit log</a></p>`;
}
