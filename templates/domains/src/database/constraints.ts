// What a key of the database has refused. Numbers: MySQL "Server Error Message Reference", MariaDB
// "Error Codes".
import { driverError } from './errors.ts';

/**
 * A row refers to one that is not there.
 *
 * @param key name of the foreign key
 */
export function isMissingReference(error: unknown, key: string): boolean {
  const refused = driverError(error, ({ errno }) => errno === 1452);
  return refused?.message.includes(`CONSTRAINT \`${key}\``) === true;
}

/** A row cannot go, because another refers to it. */
export function isReferenced(error: unknown): boolean {
  return driverError(error, ({ errno }) => errno === 1451) !== undefined;
}
