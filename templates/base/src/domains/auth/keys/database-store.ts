// The keyring in a row of the database, sealed, for a service that runs on several hosts.
import { and, eq, sql } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import { isDuplicate } from '#app/database/errors.ts';
import type { Sealing } from '#app/platform/sealing.ts';
import { jwtKeyring } from './models.ts';
import { formatRing, KeyringError, parseRing } from './ring.ts';
import type { KeyStore } from './store.ts';

const place = 'in the database';
const purpose = 'jwt_keyring';
const onlyRow = 1;

export function databaseStore(deps: { database: Database; sealing: Sealing }): KeyStore {
  const { database, sealing } = deps;
  return {
    place,

    async read() {
      const [row] = await database.queries
        .select({ version: jwtKeyring.version, sealed: jwtKeyring.sealed })
        .from(jwtKeyring)
        .where(eq(jwtKeyring.id, onlyRow));
      if (row === undefined) {
        throw new KeyringError(`There is no keyring ${place}. Make one: npm run keys -- init`);
      }
      return { ring: parseRing(place, open(sealing, row.sealed)), revision: String(row.version) };
    },

    async create(ring, record) {
      const sealed = sealing.seal(purpose, formatRing(ring));
      try {
        await database.transaction(async (tx) => {
          await tx.insert(jwtKeyring).values({ id: onlyRow, version: 1, sealed });
          await record?.(tx);
        });
        return true;
      } catch (error) {
        if (isDuplicate(error)) return false;
        throw error;
      }
    },

    replace: (revision, ring, record) =>
      database.transaction(async (tx) => {
        const sealed = sealing.seal(purpose, formatRing(ring));
        const [{ affectedRows }] = await tx
          .update(jwtKeyring)
          .set({ sealed, version: sql`${jwtKeyring.version} + 1` })
          .where(and(eq(jwtKeyring.id, onlyRow), eq(jwtKeyring.version, Number(revision))));
        if (affectedRows === 0) return false;
        await record(tx);
        return true;
      }),
  };
}

function open(sealing: Sealing, sealed: Buffer): string {
  try {
    return sealing.unseal(purpose, sealed);
  } catch {
    throw new KeyringError(
      `The keyring ${place} was sealed with another KEYRING_SECRET, or is damaged. Set the one that it was made with.`,
    );
  }
}
