// Events that Stripe has tried to send and could not, as when the endpoint was switched off or the
// service was away for longer than the three days for which Stripe tries.
import { and, eq, inArray } from 'drizzle-orm';
import type { Stripe } from 'stripe';
import type { Database } from '#app/database/database.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import type { AnyHandler } from './handler.ts';
import { webhookEvents } from './models.ts';
import { storeIn } from './store.ts';

/** Days for which Stripe has events: https://docs.stripe.com/api/events */
const days = 30;
/** Seconds in which an event may be on its way. */
const underway = 60;
/** The most that Stripe gives at once. */
const pageSize = 100;

export interface UndeliveredEvent {
  readonly eventId: string;
  readonly type: string;
  /** When it happened. */
  readonly created: string;
  /** Whether it is in the inbox now, to be processed by the service. */
  readonly taken: boolean;
}

interface UndeliveredDeps {
  readonly database: Database;
  readonly stripe: Stripe;
  readonly handlers: readonly Pick<AnyHandler, 'type'>[];
}

/**
 * Finds the events of the last 30 days that Stripe could not deliver, that are not in the inbox, and
 * about which something is done.
 *
 * @param repair who takes them into the inbox, as the audit log calls them; without it nothing is
 *   written
 */
export async function findUndelivered(
  deps: UndeliveredDeps,
  { repair }: { repair?: string | undefined } = {},
): Promise<UndeliveredEvent[]> {
  const { database, stripe, handlers } = deps;
  const types = new Set<string>(handlers.map(({ type }) => type));
  const newest = unixNow() - underway;
  const found: UndeliveredEvent[] = [];
  for await (const page of pagesOf(stripe)) {
    const wanted = page.filter(({ type, created }) => types.has(type) && created <= newest);
    const stored = await storedOf(database, wanted);
    for (const event of wanted.filter(({ id }) => !stored.has(id))) {
      const taken = repair !== undefined && (await take(database, event, repair));
      const created = new Date(event.created * 1000).toISOString();
      found.push({ eventId: event.id, type: event.type, created, taken });
    }
  }
  return found.toReversed();
}

/** The newest first, as Stripe has them. */
async function* pagesOf(stripe: Stripe): AsyncGenerator<Stripe.Event[]> {
  const since = unixNow() - days * 86_400;
  let last: string | undefined;
  for (let more = true; more;) {
    const page = await stripe.events.list({
      delivery_success: false,
      created: { gte: since },
      limit: pageSize,
      ...(last !== undefined && { starting_after: last }),
    });
    yield page.data;
    last = page.data.at(-1)?.id;
    more = page.has_more && last !== undefined;
  }
}

async function storedOf(
  { queries }: Database,
  events: readonly Stripe.Event[],
): Promise<Set<string>> {
  if (events.length === 0) return new Set();
  const ids = events.map(({ id }) => id);
  const rows = await queries
    .select({ eventId: webhookEvents.eventId })
    .from(webhookEvents)
    .where(and(eq(webhookEvents.provider, 'stripe'), inArray(webhookEvents.eventId, ids)));
  return new Set(rows.map(({ eventId }) => eventId));
}

/** Resolves to true also where it has come in the meantime. */
function take(database: Database, event: Stripe.Event, actor: string): Promise<boolean> {
  const { id: eventId, type, livemode, api_version: apiVersion, created } = event;
  return database.transaction(async (tx) => {
    const payload = Buffer.from(JSON.stringify(event));
    const id = await storeIn(tx, { id: eventId, type, livemode, apiVersion, created, payload });
    if (id === undefined) return true;
    recordAct(tx, {
      actor,
      action: 'webhook.fetched',
      subject: `webhook:${id}`,
      detail: { eventId, type },
    });
    return true;
  });
}

function unixNow(): number {
  return Math.floor(Date.now() / 1000);
}
