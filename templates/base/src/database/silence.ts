import type { Socket } from 'node:net';
import type { PoolConnection } from 'mysql2';

/**
 * Closes a connection on which nothing has come or gone for too long, and fails what waits on it as
 * a database that is away does. Else whoever asks on a connection that a failover or a firewall has
 * forgotten waits for ever, since nobody says that it is gone. The pool makes a new one when it is
 * needed.
 *
 * The driver's own `timeout` of a query leaves the connection in the pool, and has to be given with
 * each query.
 *
 * @param milliseconds a connection in use counts as silent as well, where a statement takes so long
 */
export function closeWhenSilent(connection: PoolConnection, milliseconds: number): void {
  // The driver has it, and says nothing about it in its types.
  const { stream } = connection as PoolConnection & { readonly stream: Socket };
  stream.setTimeout(milliseconds, () => stream.destroy(new SilenceError()));
}

class SilenceError extends Error {
  override readonly name = 'SilenceError';
  readonly code = 'ETIMEDOUT';

  constructor() {
    super('The database does not answer');
  }
}
