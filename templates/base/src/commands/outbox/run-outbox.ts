import type { Database } from '#app/database/database.ts';
import {
  discardLetter,
  listLetters,
  replayLetter,
  type Letter,
  type Outcome,
} from '#app/platform/outbox/letters.ts';
import { operator } from '../operator.ts';
import { carryOut, type Print } from '../orders.ts';
import type { ChangeOrder, ListOrder, Order } from './order.ts';

const done = { replay: 'is delivered again', discard: 'is removed' };

const refusals: Record<Exclude<Outcome, 'done'>, string> = {
  missing: 'is not there',
  pending: 'is waiting for its delivery already',
  sending: 'is being delivered just now: look again in a minute',
  sent: 'is delivered already',
  failed: 'has failed',
  dead: 'was given up',
};

/**
 * Carries an order out.
 *
 * @throws CommandError that names each letter to which it could not be done
 */
export async function runOutbox(order: Order, database: Database, print: Print): Promise<void> {
  if (order.command === 'list') await list(database, order, print);
  else await change(database, order, print);
}

async function list(
  database: Database,
  { state, limit, json }: ListOrder,
  print: Print,
): Promise<void> {
  const letters = await listLetters(database, { state, limit });
  if (json) print(JSON.stringify({ letters }));
  else print(letters.length === 0 ? 'There is nothing.' : letters.map(lineOf).join('\n'));
}

function lineOf({ id, kind, state, attempts, availableAt, lastError }: Letter): string {
  const due = availableAt === null ? '' : `due ${availableAt.toISOString()}`;
  const parts = [id, state.padEnd(7), kind, `${attempts} attempts`, due, lastError ?? ''];
  return parts.filter(Boolean).join('  ');
}

async function change(
  database: Database,
  { command, ids, json }: ChangeOrder,
  print: Print,
): Promise<void> {
  const apply = command === 'replay' ? replayLetter : discardLetter;
  await carryOut({
    ids: ids === 'dead' ? await deadIds(database) : ids,
    json,
    apply: (id) => apply(database, id, operator()),
    done: done[command],
    refusals,
    print,
  });
}

async function deadIds(database: Database): Promise<string[]> {
  const letters = await listLetters(database, { state: 'dead' });
  return letters.map(({ id }) => id);
}
