// Preloaded into a service: ends it at one point of the way of a request with an Idempotency-Key.
import { type Connection, killAt } from './at-statement.ts';

/** What a connection has done in its transaction so far. */
const claims = new WeakSet<Connection>();
const answers = new WeakSet<Connection>();

killAt((connection, sql) => {
  if (/^insert into `idempotency_keys`/i.test(sql)) {
    claims.add(connection);
    return undefined;
  }
  if (/^insert into `notes`/i.test(sql)) return 'the effect';
  if (/^update `idempotency_keys` set `answer`/i.test(sql)) {
    answers.add(connection);
    return 'the answer';
  }
  if (!/^COMMIT/i.test(sql)) return undefined;
  if (answers.delete(connection)) return 'the commit';
  return claims.delete(connection) ? 'the key is taken' : undefined;
});
