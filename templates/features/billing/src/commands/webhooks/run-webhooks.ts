import type { Database } from '#app/database/database.ts';
import { handlers } from '#app/domains/billing/webhooks/handlers/index.ts';
import {
  discardEvent,
  findEvent,
  listEvents,
  listUnhandled,
  readPayload,
  replayEvent,
  type LoneEvent,
  type Outcome,
  type StoredEvent,
} from '#app/domains/billing/webhooks/stored-events.ts';
import { operator } from '../operator.ts';
import { carryOut, type Print } from '../orders.ts';
import { CommandError } from '../run.ts';
import type { DiscardOrder, ListOrder, Order, ReplayOrder, ShowOrder } from './order.ts';

const refusals: Record<Exclude<Outcome, 'done'>, string> = {
  missing: 'is not there',
  received: 'is waiting to be processed already',
  processing: 'is being processed just now: look again in a minute',
  processed: 'is processed already',
  ignored: 'is ignored already',
  failed: 'has failed',
  dead: 'was given up',
};

/**
 * Carries an order out.
 *
 * @throws CommandError that names each event to which it could not be done
 */
export function runWebhooks(order: Order, database: Database, print: Print): Promise<void> {
  switch (order.command) {
    case 'list':
      return list(database, order, print);
    case 'show':
      return show(database, order, print);
    case 'replay':
      return replay(database, order, print);
    case 'discard':
      return discard(database, order, print);
  }
}

async function list(
  database: Database,
  { state, limit, json }: ListOrder,
  print: Print,
): Promise<void> {
  const events = await listEvents(database, { state, limit });
  if (json) print(JSON.stringify({ events }));
  else print(events.length === 0 ? 'There is nothing.' : events.map(lineOf).join('\n'));
}

function lineOf(event: StoredEvent): string {
  const { id, eventId, type, state, attempts, availableAt, lastError } = event;
  const due = availableAt === null ? '' : `due ${availableAt.toISOString()}`;
  const parts = [id, eventId, state.padEnd(10), type, `${attempts} attempts`, due, lastError ?? ''];
  return parts.filter((part) => part !== '').join('  ');
}

async function show(
  database: Database,
  { id, payload, json }: ShowOrder,
  print: Print,
): Promise<void> {
  const found: (LoneEvent & { payload?: Buffer }) | undefined = payload
    ? await readPayload(database, id, operator())
    : await findEvent(database, id);
  if (found === undefined) throw new CommandError(`${id} ${refusals.missing}.`, 'precondition');
  const { payload: sent, ...event } = found;
  const text = sent?.toString();
  if (json) {
    print(JSON.stringify({ event: { ...event, ...(text !== undefined && { payload: text }) } }));
    return;
  }
  for (const [name, value] of Object.entries(event)) {
    print(`${name.padEnd(12)}  ${value instanceof Date ? value.toISOString() : (value ?? '-')}`);
  }
  if (text !== undefined) print(`\n${text}`);
}

async function replay(database: Database, order: ReplayOrder, print: Print): Promise<void> {
  await carryOut({
    ids: await idsOf(database, order),
    json: order.json,
    apply: (id) => replayEvent(database, id, operator()),
    done: 'is processed again',
    refusals,
    print,
  });
}

async function discard(
  database: Database,
  { ids, reason, json }: DiscardOrder,
  print: Print,
): Promise<void> {
  await carryOut({
    ids,
    json,
    apply: (id) => discardEvent(database, id, operator(), reason),
    done: 'is ignored from now on',
    refusals,
    print,
  });
}

async function idsOf(database: Database, { ids, type }: ReplayOrder): Promise<readonly string[]> {
  switch (ids) {
    case 'dead':
      return eventIds(await listEvents(database, { state: 'dead' }));
    case 'ignored': {
      const handled = handlers.map((handler): string => handler.type);
      const wanted = type === undefined ? handled : handled.filter((each) => each === type);
      return wanted.length === 0 ? [] : eventIds(await listUnhandled(database, wanted));
    }
    default:
      return ids;
  }
}

function eventIds(events: readonly StoredEvent[]): string[] {
  return events.map(({ eventId }) => eventId);
}
