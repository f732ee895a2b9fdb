import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';

export interface Flags {
  close(): Promise<void>;
}

export async function openFlags(_deps: { database: Database; log: Log }): Promise<Flags> {
  return { close: async () => {} };
}
