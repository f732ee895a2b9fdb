// Preloaded into a service: ends it at one point of the way that an event takes through the inbox.
import { type Connection, killAt } from './at-statement.ts';

/** What a connection has done in its transaction so far. */
const claims = new WeakSet<Connection>();
const marks = new WeakSet<Connection>();

killAt((connection, sql, holds) => {
  if (/^insert into `webhook_events`/i.test(sql)) return 'it is stored';
  if (/^update `webhook_events` set/i.test(sql)) {
    if (holds('processing')) claims.add(connection);
    if (!holds('processed')) return undefined;
    marks.add(connection);
    return 'it is marked';
  }
  if (!/^COMMIT/i.test(sql)) return undefined;
  if (marks.delete(connection)) return 'the commit';
  return claims.delete(connection) ? 'it is claimed' : undefined;
});
