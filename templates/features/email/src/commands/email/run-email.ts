import type { Database } from '#app/database/database.ts';
import { allowAddress, suppressAddress } from '#app/domains/email/suppression-acts.ts';
import { listSuppressions, type Suppression } from '#app/platform/email/suppressions.ts';
import { operator } from '../operator.ts';
import { carryOut, type Print } from '../orders.ts';
import type { ChangeOrder, ListOrder, Order } from './order.ts';

type Outcome = 'done' | 'suppressed' | 'allowed';

const done = { suppress: 'gets no more mail', allow: 'gets mail again' };

const refusals: Record<Exclude<Outcome, 'done'>, string> = {
  suppressed: 'gets no mail already',
  allowed: 'gets mail already',
};

/**
 * Carries an order out.
 *
 * @throws CommandError that names each address to which it could not be done
 */
export async function runEmail(order: Order, database: Database, print: Print): Promise<void> {
  if (order.command === 'list') await list(database, order, print);
  else await change(database, order, print);
}

async function list(
  database: Database,
  { beginning, limit, json }: ListOrder,
  print: Print,
): Promise<void> {
  const suppressions = await listSuppressions(database.queries, { beginning, limit });
  if (json) print(JSON.stringify({ suppressions }));
  else print(suppressions.length === 0 ? 'There is nothing.' : suppressions.map(lineOf).join('\n'));
}

function lineOf({ address, reason, suppressedAt }: Suppression): string {
  return [address, reason, `since ${suppressedAt.toISOString()}`].join('  ');
}

async function change(
  database: Database,
  { command, addresses, json }: ChangeOrder,
  print: Print,
): Promise<void> {
  const actor = operator();
  const apply = (address: string): Promise<Outcome> =>
    database.transaction(async (tx): Promise<Outcome> => {
      if (command === 'allow') {
        return (await allowAddress(tx, { address, actor })) ? 'done' : 'allowed';
      }
      const act = { address, reason: 'operator', actor } as const;
      return (await suppressAddress(tx, act)) ? 'done' : 'suppressed';
    });
  await carryOut({ ids: addresses, json, apply, done: done[command], refusals, print });
}
