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
import { readOrder, type ChangeOrder, type ListOrder } from './outbox-order.ts';
import { CommandError, runCommand } from './run.ts';

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

/** Does what it can; one that is refused does not keep the others. */
async function change(database: Database, { command, ids, json }: ChangeOrder): Promise<void> {
  const apply = command === 'replay' ? replayLetter : discardLetter;
  const refused: string[] = [];
  const results: { id: string; outcome: Outcome }[] = [];
  for (const id of ids === 'dead' ? await deadIds(database) : ids) {
    const outcome = await apply(database, id, operator());
    results.push({ id, outcome });
    if (outcome !== 'done') refused.push(`${id} ${refusals[outcome]}.`);
    else if (!json) console.log(`${id} ${done[command]}.`);
  }
  if (json) console.log(JSON.stringify({ results }));
  else if (results.length === 0) console.log('There is nothing.');
  if (refused.length > 0) throw new CommandError(refused.join('\n'), 'precondition');
}

async function deadIds(database: Database): Promise<string[]> {
  const letters = await listLetters(database, { state: 'dead' });
  return letters.map(({ id }) => id);
}
