import { and, count, eq, gt, ne } from 'drizzle-orm';
import { now } from '#app/database/clock.ts';
import type { Transaction } from '#app/database/transaction.ts';
import type { Licenses } from '#app/domains/licenses/service.ts';
import { seatsTaken } from '../errors.ts';
import { countMembers } from '../members/memberships.ts';
import { invitations } from '../models.ts';

/** The seats that members have, and those that are kept for who is invited. */
export async function takenSeats(
  tx: Transaction,
  accountId: string,
  options: { readonly except?: string } = {},
): Promise<number> {
  const { except } = options;
  const [open] = await tx
    .select({ invited: count() })
    .from(invitations)
    .where(
      and(
        eq(invitations.accountId, accountId),
        gt(invitations.expiresAt, now),
        except === undefined ? undefined : ne(invitations.id, except),
      ),
    );
  return (await countMembers(tx, accountId)) + (open?.invited ?? 0);
}

/**
 * Makes sure that one more can be invited to an organization, whose row is locked.
 *
 * @param options.except an invitation that is sent anew, which has its seat already
 * @throws seats_taken
 */
export async function requireSeatForInvitation(
  tx: Transaction,
  licenses: Pick<Licenses, 'seatsFor'>,
  accountId: string,
  options: { readonly except?: string } = {},
): Promise<void> {
  const seats = await licenses.seatsFor(tx, accountId);
  if ((await takenSeats(tx, accountId, options)) < seats) return;
  throw seatsTaken({ detail: `There are ${seats} for members and open invitations.` });
}

/**
 * The same for who was invited and joins: the seat was kept, but there may be fewer by now.
 *
 * @throws seats_taken
 */
export async function requireSeatForMember(
  tx: Transaction,
  licenses: Pick<Licenses, 'seatsFor'>,
  accountId: string,
): Promise<void> {
  const seats = await licenses.seatsFor(tx, accountId);
  if ((await countMembers(tx, accountId)) < seats) return;
  throw seatsTaken({ detail: `There are ${seats} for members.` });
}
