// npm run outbox -- list | replay <id>… | replay --dead | discard <id>…: what waits to be delivered, and what was
// given up.
import { openDatabase, type Database } from '#app/database/database.ts';
import { databaseSettings } from '#app/database/settings.ts';
import {
  discardLetter,
  listLetters,
  replayLetter,
  type Letter,
  type Outcome,
} from '#app/platform/outbox/letters.ts';
import { operator } from './operator.ts';
import { carryOut } from './orders.ts';
import { readOrder, type ChangeOrder, type ListOrder } from './outbox-order.ts';
import { runCommand } from './run.ts';

const done = { replay: 'is delivered again', discard: 'is removed' };

const refusals: Record<Exclude<Outcome, 'done'>, string> = {
  missing: 'is not there',
  pending: 'is waiting for its delivery already',
  sending: 'is being delivered just now: look again in a minute',
  sent: 'is delivered already',
  failed: 'has failed',
  dead: 'was given up',
};

await runCommand(databaseSettings, async (settings) => {
  const order = readOrder(process.argv.slice(2));
  const database = await openDatabase({ settings });
  try {
    if (order.command === 'list') await list(database, order);
    else await change(database, order);
  } finally {
    await database.close();
  }
});

async function list(database: Database, { state, limit, json }: ListOrder): Promise<void> {
  const letters = await listLetters(database, { state, limit });
  if (json) console.log(JSON.stringify({ letters }));
  else console.log(letters.length === 0 ? 'There is nothing.' : letters.map(lineOf).join('\n'));
}

function lineOf({ id, kind, state, attempts, availableAt, lastError }: Letter): string {
  const due = availableAt === null ? '' : `due ${availableAt.toISOString()}`;
  const parts = [id, state.padEnd(7), kind, `${attempts} attempts`, due, lastError ?? ''];
  return parts.filter(Boolean).join('  ');
}

async function change(database: Database, { command, ids, json }: ChangeOrder): Promise<void> {
  const apply = command === 'replay' ? replayLetter : discardLetter;
  await carryOut({
    ids: ids === 'dead' ? await deadIds(database) : ids,
    json,
    apply: (id) => apply(database, id, operator()),
    done: done[command],
    refusals,
  });
}

async function deadIds(database: Database): Promise<string[]> {
  const letters = await listLetters(database, { state: 'dead' });
  return letters.map(({ id }) => id);
}
