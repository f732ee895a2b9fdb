// What the arguments of npm run audit ask for.
import { parseHead, type Head } from '#app/platform/audit/chain.ts';
import { parseOrder } from '../orders.ts';
import { CommandError } from '../run.ts';

export const usage = `Usage: npm run audit -- verify [--head <sequence>:<hash>] [--json]
       npm run audit -- head [--json]
       npm run audit -- export [--since <date>] [--until <date>] > <file>

verify   checks that every entry is as it was written, and none is missing. Entries that were
         taken off the end show only beside a head that was kept elsewhere: --head
head     shows where the log ends, to be kept elsewhere
export   prints the entries, a JSON object a line; --since the first day or moment, --until
         the first that is not meant, in UTC

verify ends with 1 where an entry is not as it was written, and names it.

Examples:
  npm run audit -- verify
  npm run audit -- export --since 2026-01-01 --until 2027-01-01 > audit-2026.jsonl`;

const options = {
  head: { type: 'string' },
  json: { type: 'boolean' },
  since: { type: 'string' },
  until: { type: 'string' },
} as const;

export interface VerifyOrder {
  readonly command: 'verify';
  readonly kept: Head | undefined;
  readonly json: boolean;
}

export interface HeadOrder {
  readonly command: 'head';
  readonly json: boolean;
}

export interface ExportOrder {
  readonly command: 'export';
  readonly since: Date | undefined;
  readonly until: Date | undefined;
}

export type Order = VerifyOrder | HeadOrder | ExportOrder;

/** @throws CommandError that says what is wrong with the arguments */
export function readOrder(args: string[]): Order {
  const { positionals, values } = parseOrder(args, options, usage);
  const { head, since, until, json = false } = values;
  const isRange = since !== undefined || until !== undefined;
  switch (positionals.join(' ')) {
    case 'verify':
      if (isRange) break;
      return { command: 'verify', kept: headOf(head), json };
    case 'head':
      if (isRange || head !== undefined) break;
      return { command: 'head', json };
    case 'export':
      if (head !== undefined || json) break;
      return {
        command: 'export',
        since: momentOf('since', since),
        until: momentOf('until', until),
      };
    default:
  }
  throw new CommandError(usage, 'badInput');
}

function headOf(text: string | undefined): Head | undefined {
  const head = parseHead(text ?? '');
  if (text === undefined || head !== undefined) return head;
  throw new CommandError(
    '--head is what npm run audit -- head prints: <sequence>:<hash>.',
    'badInput',
  );
}

function momentOf(option: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const isDate = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z)?$/.test(text);
  const moment = new Date(text);
  // JavaScript takes the 30th of February for the 2nd of March.
  if (
    isDate &&
    !Number.isNaN(moment.getTime()) &&
    moment.toISOString().startsWith(text.slice(0, 10))
  )
    return moment;
  throw new CommandError(
    `--${option} is a day or a moment in UTC, such as 2026-01-31 or 2026-01-31T12:00:00Z.`,
    'badInput',
  );
}
