// Moments by the database's clock, which is the same for every process that looks.
import { sql } from 'drizzle-orm';

export const now = sql<Date>`UTC_TIMESTAMP(3)`;
export const inSeconds = (seconds: number) =>
  sql<Date>`UTC_TIMESTAMP(3) + INTERVAL ${seconds} SECOND`;
