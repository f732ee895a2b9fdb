import { and, asc, eq } from 'drizzle-orm';
import type { Database, Queries } from '#app/database/database.ts';
import { isDuplicate } from '#app/database/errors.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { createAccount, renameAccount } from '#app/domains/accounts/service.ts';
import type { Licenses } from '#app/domains/licenses/service.ts';
import { notFound } from '#app/http/errors.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { slugTaken } from './errors.ts';
import { takenSeats } from './invitations/seats.ts';
import { addMember, requireMay, type Member } from './members/memberships.ts';
import { memberships, organizations } from './models.ts';
import { requireOrganization } from './organization-lock.ts';
import { slugOf } from './slugs.ts';

/** Organizations that are listed at most. */
const listed = 1000;

/** An organization as one of its members sees it. */
export interface OwnOrganization {
  readonly accountId: string;
  readonly name: string;
  readonly slug: string;
  readonly createdAt: Date;
  /** The member's. */
  readonly role: string;
}

export interface Seats {
  readonly taken: number;
  /** `Infinity` where nothing limits them. */
  readonly limit: number;
}

export interface Organizations {
  /**
   * Makes an organization, of which its maker is the owner.
   *
   * @param input `slug` is made from the name where it is left out
   * @throws slug_taken
   */
  create(
    userId: string,
    input: { name: string; slug?: string | undefined },
  ): Promise<OwnOrganization>;
  /** The organizations that a user belongs to, by name. */
  listOf(userId: string): Promise<OwnOrganization[]>;
  /** @throws not_found where the account is no organization of the user's */
  find(member: Member): Promise<OwnOrganization>;
  /** How many seats an organization has. */
  seats(accountId: string): Promise<Seats>;
  /** @throws not_found, role_insufficient, slug_taken */
  change(
    member: Member,
    changes: { name?: string | undefined; slug?: string | undefined },
  ): Promise<OwnOrganization>;
}

export function openOrganizationRows(deps: {
  database: Database;
  licenses: Pick<Licenses, 'seatsFor'>;
}): Organizations {
  const { database, licenses } = deps;
  const find = (member: Member) => findOwn(database.queries, member);

  return {
    async create(userId, { name, slug = slugOf(name) }) {
      const accountId = await database
        .transaction(async (tx) => {
          const id = await createAccount(tx, name);
          await tx.insert(organizations).values({ accountId: id, name, slug });
          await addMember(tx, { accountId: id, userId, role: 'owner' });
          note(tx, { accountId: id, userId }, 'organization.created', {});
          return id;
        })
        .catch(refuseSlug);
      return find({ accountId, userId });
    },

    listOf: (userId) =>
      selectOwn(database.queries, { userId }).orderBy(asc(organizations.name)).limit(listed),
    find,

    seats: (accountId) =>
      database.transaction(async (tx) => ({
        taken: await takenSeats(tx, accountId),
        limit: await licenses.seatsFor(tx, accountId),
      })),

    async change(member, changes) {
      await database
        .transaction(async (tx) => {
          const { accountId } = member;
          const before = await requireOrganization(tx, accountId);
          await requireMay(tx, member, 'organization:manage');
          const { name = before.name, slug } = changes;
          await tx
            .update(organizations)
            .set({ name, ...(slug !== undefined && { slug }) })
            .where(eq(organizations.accountId, accountId));
          await renameAccount(tx, accountId, { from: before.name, to: name });
          note(tx, member, 'organization.changed', { fields: Object.keys(changes) });
        })
        .catch(refuseSlug);
      return find(member);
    },
  };
}

function selectOwn(
  queries: Queries,
  { userId, accountId }: { readonly userId: string; readonly accountId?: string },
) {
  return queries
    .select({
      accountId: organizations.accountId,
      name: organizations.name,
      slug: organizations.slug,
      createdAt: organizations.createdAt,
      role: memberships.role,
    })
    .from(memberships)
    .innerJoin(organizations, eq(organizations.accountId, memberships.accountId))
    .where(
      and(
        eq(memberships.userId, userId),
        accountId === undefined ? undefined : eq(memberships.accountId, accountId),
      ),
    );
}

async function findOwn(queries: Queries, member: Member): Promise<OwnOrganization> {
  const [organization] = await selectOwn(queries, member);
  if (organization === undefined) throw notFound();
  return organization;
}

function refuseSlug(error: unknown): never {
  if (!isDuplicate(error, 'organizations_slug')) throw error;
  const detail = 'Taken by another';
  throw slugTaken({ errors: [{ pointer: '#/slug', detail }] });
}

function note(
  tx: Transaction,
  { accountId, userId }: Member,
  action: string,
  detail: Readonly<Record<string, unknown>>,
): void {
  recordAct(tx, { actor: `user:${userId}`, action, subject: `account:${accountId}`, detail });
}
