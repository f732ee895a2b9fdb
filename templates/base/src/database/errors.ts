// What the server's and the driver's errors mean. Drizzle wraps them, so the whole chain of causes
// is looked at. Numbers: MySQL "Server Error Message Reference", MariaDB "Error Codes".

const unavailable = new Set<unknown>([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'ER_CON_COUNT_ERROR',
  'ER_SERVER_SHUTDOWN',
  'ER_NORMAL_SHUTDOWN',
  'ER_CLIENT_INTERACTION_TIMEOUT',
  1927, // MariaDB: the connection was killed; the driver has no name for it
]);

/** The transaction may succeed when it is run again from its first statement. */
const transient = new Set<unknown>([
  1213, // deadlock: the server has rolled the whole transaction back
  1205, // lock wait timeout: only the statement was undone, so the rest has to be as well
  1020, // MariaDB with innodb_snapshot_isolation: the row has changed since it was read
  3572, // MySQL: NOWAIT met a lock
]);

interface DriverError extends Error {
  readonly code?: unknown;
  readonly errno?: unknown;
  readonly fatal?: unknown;
  readonly syscall?: unknown;
  readonly sqlMessage?: unknown;
}

/** The server cannot be reached, has gone away, or takes no more connections. */
export function isDatabaseUnavailable(error: unknown): boolean {
  return driverError(error, isUnavailable) !== undefined;
}

function isUnavailable({ code, errno, fatal, syscall }: DriverError): boolean {
  // The socket is missing, and not some other file.
  if (code === 'ENOENT') return syscall === 'connect';
  // What is sent on a connection that the driver has seen close fails without a code.
  const closed = fatal === true && code === undefined;
  return closed || unavailable.has(code) || unavailable.has(errno);
}

/** The server answered that it would not do it, whatever the reason. */
export function isRefusedByDatabase(error: unknown): boolean {
  return driverError(error, ({ sqlMessage }) => sqlMessage !== undefined) !== undefined;
}

/** A deadlock or a lock wait: another run of the whole transaction may succeed. */
export function isTransient(error: unknown): boolean {
  return driverError(error, ({ errno }) => transient.has(errno)) !== undefined;
}

/**
 * A unique key refused the row.
 *
 * @param key name of the unique key; any key of the table where it is left out
 */
export function isDuplicate(error: unknown, key?: string): boolean {
  const duplicate = driverError(error, ({ errno }) => errno === 1062);
  if (duplicate === undefined) return false;
  // MySQL names the key "table.key", MariaDB "key".
  return key === undefined || new RegExp(`'(?:[^']*\\.)?${key}'$`).test(duplicate.message);
}

/** The error in a chain of causes that the server or the driver gave, if it matches. */
export function driverError(
  error: unknown,
  matches: (error: DriverError) => boolean,
): Error | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (matches(current)) return current;
    if (current instanceof AggregateError) {
      const inner = current.errors.find((each) => driverError(each, matches) !== undefined);
      if (inner instanceof Error) return inner;
    }
  }
  return undefined;
}
