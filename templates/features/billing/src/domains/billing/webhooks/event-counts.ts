import { asc, count, eq, sql } from 'drizzle-orm';
import { now } from '#app/database/clock.ts';
import type { Database } from '#app/database/database.ts';
import { webhookEvents } from './models.ts';
import { eventStates, type EventState } from './stored-events.ts';

/** Where counting ends: years of processed events are not gone through to show a number. */
export const countedUpTo = 10_000;

/** How many events there are in each state; one more than `countedUpTo` where there are more. */
export async function countEvents(database: Database): Promise<Record<EventState, number>> {
  const counts = await Promise.all(
    eventStates.map(async (state) => [state, await countState(database, state)] as const),
  );
  return Object.fromEntries(counts) as Record<EventState, number>;
}

async function countState({ queries }: Database, state: EventState): Promise<number> {
  const some = queries
    .select({ id: webhookEvents.id })
    .from(webhookEvents)
    .where(eq(webhookEvents.state, state))
    .limit(countedUpTo + 1)
    .as('some');
  const [row] = await queries.select({ count: count() }).from(some);
  return row?.count ?? 0;
}

/** For how many seconds the oldest event that is not done has waited; nothing where all are. */
export async function longestWait({ queries }: Database): Promise<number | undefined> {
  const oldest = await Promise.all(
    (['received', 'processing', 'failed'] as const).map((state) =>
      queries
        .select({
          seconds: sql<number>`TIMESTAMPDIFF(SECOND, ${webhookEvents.receivedAt}, ${now})`,
        })
        .from(webhookEvents)
        .where(eq(webhookEvents.state, state))
        .orderBy(asc(webhookEvents.id))
        .limit(1),
    ),
  );
  const waits = oldest.flat().map(({ seconds }) => Math.max(0, seconds));
  return waits.length === 0 ? undefined : Math.max(...waits);
}
