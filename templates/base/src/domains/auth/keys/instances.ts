// The heartbeats of the processes that serve. They are how the rotation of a key knows that everybody
// has seen it.
import { hostname } from 'node:os';
import { eq, lt, sql } from 'drizzle-orm';
import type { RowDataPacket } from 'mysql2/promise';
import type { Database } from '#app/database/database.ts';
import type { Instance } from './decisions.ts';
import { instances } from './models.ts';

/** Seconds after its last heartbeat for which an instance counts as running. */
const liveSeconds = 15;
/** Hours after which nobody needs to hear of an instance that ended without a word. */
const silentHours = 1;

const now = sql<Date>`UTC_TIMESTAMP(3)`;

/** What an instance has last told. */
export interface SeenInstance extends Instance {
  readonly seenAt: Date;
  /** Whether that was so short a time ago that it counts as running. */
  readonly isLive: boolean;
}

export interface Heard {
  /** The database's clock. */
  readonly now: Date;
  readonly live: readonly Instance[];
  /** Ids of those that have fallen silent within the last hour: killed, or cut off. */
  readonly silent: readonly string[];
}

/**
 * An id for this process: the name that its unit or host gives it, and what tells it from another
 * process of that name, which may overlap with it in a restart.
 */
export function newInstanceId(name = hostname().slice(0, 40)): string {
  const started = Math.round(Date.now() - process.uptime() * 1000);
  return `${name}#${process.pid}-${started.toString(36)}`;
}

/** Tells that an instance runs, and what it accepts and signs with. */
export async function beat(database: Database, { id, accepts, signs }: Instance): Promise<void> {
  const seen = { acceptKids: accepts.join(','), signKid: signs, seenAt: now };
  await database.queries
    .insert(instances)
    .values({ id, ...seen })
    .onDuplicateKeyUpdate({ set: seen });
}

/** Forgets an instance that has ended, and those that have been silent for long. */
export async function forget(database: Database, id: string): Promise<void> {
  await database.queries.delete(instances).where(eq(instances.id, id));
  await database.queries
    .delete(instances)
    .where(lt(instances.seenAt, sql`${now} - INTERVAL ${silentHours} HOUR`));
}

export async function readInstances(database: Database): Promise<Heard> {
  const heard = await readHeartbeats(database);
  return {
    now: await databaseTime(database),
    live: heard
      .filter(({ isLive }) => isLive)
      .map(({ id, accepts, signs }) => ({ id, accepts, signs })),
    silent: heard.filter(({ isLive }) => !isLive).map(({ id }) => id),
  };
}

/** The last heartbeat of each instance within the last hour. */
export async function readHeartbeats(database: Database): Promise<SeenInstance[]> {
  const rows = await database.queries
    .select({
      id: instances.id,
      acceptKids: instances.acceptKids,
      signs: instances.signKid,
      seenAt: instances.seenAt,
      live: sql<number>`${instances.seenAt} > ${now} - INTERVAL ${liveSeconds} SECOND`,
    })
    .from(instances)
    .where(sql`${instances.seenAt} > ${now} - INTERVAL ${silentHours} HOUR`)
    .orderBy(instances.id);
  return rows.map(({ id, acceptKids, signs, seenAt, live }) => ({
    id,
    accepts: acceptKids.split(','),
    signs,
    seenAt,
    isLive: live === 1,
  }));
}

async function databaseTime(database: Database): Promise<Date> {
  const [[row]] = await database.pool.query<(RowDataPacket & { now: Date })[]>(
    'SELECT UTC_TIMESTAMP(3) AS now',
  );
  if (row === undefined) throw new Error('The database did not tell the time');
  return row.now;
}
