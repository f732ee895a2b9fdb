// npm run webhooks -- list | show <id> | replay <id>… | replay --dead | discard <id>…: the events that Stripe sent,
// and what became of them.
import { openDatabase, type Database } from '#app/database/database.ts';
import { databaseSettings } from '#app/database/settings.ts';
import {
  discardEvent,
  findEvent,
  listEvents,
  replayEvent,
  type Outcome,
  type StoredEvent,
} from '#app/domains/billing/webhooks/stored-events.ts';
import { operator } from './operator.ts';
import { carryOut } from './orders.ts';
import { CommandError, runCommand } from './run.ts';
import {
  readOrder,
  type DiscardOrder,
  type ListOrder,
  type Order,
  type ReplayOrder,
  type ShowOrder,
} from './webhooks-order.ts';

const refusals: Record<Exclude<Outcome, 'done'>, string> = {
  missing: 'is not there',
  received: 'is waiting to be processed already',
  processing: 'is being processed just now: look again in a minute',
  processed: 'is processed already',
  ignored: 'is ignored already',
  failed: 'has failed',
  dead: 'was given up',
};

await runCommand(databaseSettings, async (settings) => {
  const order = readOrder(process.argv.slice(2));
  const database = await openDatabase({ settings });
  try {
    await obey(database, order);
  } finally {
    await database.close();
  }
});

function obey(database: Database, order: Order): Promise<void> {
  switch (order.command) {
    case 'list':
      return list(database, order);
    case 'show':
      return show(database, order);
    case 'replay':
      return replay(database, order);
    case 'discard':
      return discard(database, order);
  }
}

async function list(database: Database, { state, limit, json }: ListOrder): Promise<void> {
  const events = await listEvents(database, { state, limit });
  if (json) console.log(JSON.stringify({ events }));
  else console.log(events.length === 0 ? 'There is nothing.' : events.map(lineOf).join('\n'));
}

function lineOf(event: StoredEvent): string {
  const { id, eventId, type, state, attempts, availableAt, lastError } = event;
  const due = availableAt === null ? '' : `due ${availableAt.toISOString()}`;
  const parts = [id, eventId, state.padEnd(10), type, `${attempts} attempts`, due, lastError ?? ''];
  return parts.filter((part) => part !== '').join('  ');
}

async function show(database: Database, { id, payload, json }: ShowOrder): Promise<void> {
  const found = await findEvent(database, id);
  if (found === undefined) throw new CommandError(`${id} ${refusals.missing}.`, 'precondition');
  const { payload: sent, ...event } = found;
  const text = sent.toString();
  if (json) {
    console.log(JSON.stringify({ event: { ...event, ...(payload && { payload: text }) } }));
    return;
  }
  for (const [name, value] of Object.entries(event)) {
    console.log(
      `${name.padEnd(12)}  ${value instanceof Date ? value.toISOString() : (value ?? '-')}`,
    );
  }
  if (payload) console.log(`\n${text}`);
}

async function replay(database: Database, { ids, json }: ReplayOrder): Promise<void> {
  await carryOut({
    ids: ids === 'dead' ? await deadIds(database) : ids,
    json,
    apply: (id) => replayEvent(database, id, operator()),
    done: 'is processed again',
    refusals,
  });
}

async function discard(database: Database, { ids, reason, json }: DiscardOrder): Promise<void> {
  await carryOut({
    ids,
    json,
    apply: (id) => discardEvent(database, id, operator(), reason),
    done: 'is ignored from now on',
    refusals,
  });
}

async function deadIds(database: Database): Promise<string[]> {
  const events = await listEvents(database, { state: 'dead' });
  return events.map(({ eventId }) => eventId);
}
