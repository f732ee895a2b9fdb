import type { Transaction } from '#app/database/transaction.ts';
import type { OrganizationSettings } from './settings.ts';

/** How many an organization may have: members, and invitations that are open. */
export interface SeatLimit {
  /**
   * The seats of an organization, whose row is locked; `Infinity` where nothing limits them.
   *
   * @param tx the transaction that counts, and adds one
   */
  seatsFor(tx: Transaction, accountId: string): Promise<number>;
  close(): Promise<void>;
}

/** The same for all. What sells seats takes the place of this one, as a service of the same name. */
export async function openSeatLimit({
  settings,
}: {
  settings: OrganizationSettings;
}): Promise<SeatLimit> {
  const { ORGANIZATION_SEATS: seats = Infinity } = settings;
  return { seatsFor: async () => seats, close: async () => {} };
}
