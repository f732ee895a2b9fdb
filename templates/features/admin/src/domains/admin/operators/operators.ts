// Who may enter the admin area: inviting operators, and what is changed about them afterwards. There
// is always an owner who can sign in, and whoever loses a right has no session left that had it.
import { randomBytes } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { now } from '#app/database/clock.ts';
import type { Database } from '#app/database/database.ts';
import { isDuplicate } from '#app/database/errors.ts';
import { newId } from '#app/database/id.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { lastOwner, operatorExists, operatorMissing, permissionDenied } from '../errors.ts';
import { adminUsers } from '../models.ts';
import { actorOf, type Operator } from '../operator.ts';
import { may, type RoleName } from '../roles.ts';
import type { AdminSessions } from '../sessions/sessions.ts';
import { removeRecoveryCodes } from './factor.ts';
import { hashOfToken, invitationHours } from './invitations.ts';

export type OperatorState = 'active' | 'invited' | 'invitation expired' | 'disabled';

export interface ListedOperator {
  readonly id: string;
  readonly email: string;
  readonly role: RoleName;
  readonly state: OperatorState;
  readonly createdAt: Date;
}

/** Who asks for a change: an operator, who has to have the right when it is made, or a command. */
export interface By {
  readonly actor: string;
  readonly operatorId?: string;
}

export function by(operator: Operator): By {
  return { actor: actorOf(operator), operatorId: operator.id };
}

export interface Invited {
  readonly id: string;
  readonly email: string;
  /** What the link of the invitation carries; it is nowhere else. */
  readonly token: string;
}

export interface Operators {
  list(): Promise<ListedOperator[]>;
  /** The id of the operator with that address. */
  find(email: string): Promise<string | undefined>;
  /** @throws operator_exists, permission_denied */
  invite(who: { email: string; role: RoleName }, by: By): Promise<Invited>;
  /** @throws last_owner, operator_missing, permission_denied */
  changeRole(id: string, role: RoleName, by: By): Promise<void>;
  /** @throws last_owner, operator_missing, permission_denied */
  disable(id: string, by: By): Promise<void>;
  /** @throws operator_missing, permission_denied */
  enable(id: string, by: By): Promise<void>;
  /**
   * Takes the password and the second factor away, and invites anew. A command may do that to the
   * last owner, who has lost them.
   *
   * @throws last_owner, operator_missing, permission_denied
   */
  reset(id: string, by: By): Promise<Invited>;
}

/** Opens what is needed of the admin area's operators; a command has no sessions to look into. */
export function openOperators(deps: {
  database: Database;
  sessions: Pick<AdminSessions, 'endAllOf'>;
}): Operators {
  const { database, sessions } = deps;

  /** Changes an operator, while no other can be changed. */
  function change<T>(
    id: string,
    changer: By,
    work: (tx: Transaction, target: LockedOperator, all: readonly LockedOperator[]) => Promise<T>,
  ): Promise<T> {
    return database.transaction(async (tx) => {
      const all = await lockOperators(tx, changer);
      const target = all.find((each) => each.id === id);
      if (target === undefined) throw operatorMissing();
      return work(tx, target, all);
    });
  }

  return {
    async list() {
      return database.queries
        .select({
          id: adminUsers.id,
          email: adminUsers.email,
          role: adminUsers.role,
          state: sql<OperatorState>`CASE
            WHEN ${adminUsers.disabledAt} IS NOT NULL THEN 'disabled'
            WHEN ${adminUsers.passwordHash} IS NOT NULL THEN 'active'
            WHEN ${adminUsers.invitationExpiresAt} > ${now} THEN 'invited'
            ELSE 'invitation expired' END`,
          createdAt: adminUsers.createdAt,
        })
        .from(adminUsers)
        .orderBy(adminUsers.email);
    },

    async find(email) {
      const [found] = await database.queries
        .select({ id: adminUsers.id })
        .from(adminUsers)
        .where(eq(adminUsers.email, email));
      return found?.id;
    },

    async invite({ email, role }, changer) {
      const [id, token] = [newId(), newToken()];
      await database.transaction(async (tx) => {
        await lockOperators(tx, changer);
        try {
          await tx.insert(adminUsers).values({ id, email, role, ...invitation(token) });
        } catch (error) {
          throw isDuplicate(error, 'admin_users_email') ? operatorExists() : error;
        }
        await record(tx, changer, 'admin.invited', id, { email, role });
      });
      return { id, email, token };
    },

    changeRole: (id, role, changer) =>
      change(id, changer, async (tx, target, all) => {
        if (target.role === role) return;
        if (role !== 'owner') requireOtherOwner(all, target);
        await tx.update(adminUsers).set({ role }).where(eq(adminUsers.id, id));
        await sessions.endAllOf(tx, id);
        await record(tx, changer, 'admin.role_changed', id, { from: target.role, to: role });
      }),

    disable: (id, changer) =>
      change(id, changer, async (tx, target, all) => {
        if (target.disabledAt !== null) return;
        requireOtherOwner(all, target);
        await tx.update(adminUsers).set({ disabledAt: now }).where(eq(adminUsers.id, id));
        await sessions.endAllOf(tx, id);
        await record(tx, changer, 'admin.disabled', id);
      }),

    enable: (id, changer) =>
      change(id, changer, async (tx, target) => {
        if (target.disabledAt === null) return;
        await tx.update(adminUsers).set({ disabledAt: null }).where(eq(adminUsers.id, id));
        await record(tx, changer, 'admin.enabled', id);
      }),

    async reset(id, changer) {
      const token = newToken();
      const email = await change(id, changer, async (tx, target, all) => {
        if (changer.operatorId !== undefined) requireOtherOwner(all, target);
        await tx
          .update(adminUsers)
          .set({ passwordHash: null, sealedSecret: null, ...invitation(token) })
          .where(eq(adminUsers.id, id));
        await removeRecoveryCodes(tx, id);
        await sessions.endAllOf(tx, id);
        await record(tx, changer, 'admin.reset', id);
        return target.email;
      });
      return { id, email, token };
    },
  };
}

interface LockedOperator {
  readonly id: string;
  readonly email: string;
  readonly role: RoleName;
  readonly disabledAt: Date | null;
  readonly passwordHash: string | null;
}

/**
 * Locks every operator, always in the same order: two who take each other's role at once do so one
 * after the other, and the second sees what the first has done.
 *
 * @throws permission_denied where who asks has lost the right since
 */
async function lockOperators(tx: Transaction, { operatorId }: By): Promise<LockedOperator[]> {
  const all = await tx
    .select({
      id: adminUsers.id,
      email: adminUsers.email,
      role: adminUsers.role,
      disabledAt: adminUsers.disabledAt,
      passwordHash: adminUsers.passwordHash,
    })
    .from(adminUsers)
    .orderBy(adminUsers.id)
    .for('update');
  if (operatorId === undefined) return all;
  const asking = all.find(({ id }) => id === operatorId);
  const stillMay = asking?.disabledAt === null && may(asking.role, 'operators.change');
  if (!stillMay) throw permissionDenied();
  return all;
}

/** @throws last_owner where nobody could sign in as owner without this one */
function requireOtherOwner(all: readonly LockedOperator[], target: LockedOperator): void {
  if (canOwn(target) && !all.some((each) => each.id !== target.id && canOwn(each))) {
    throw lastOwner();
  }
}

const canOwn = ({ role, disabledAt, passwordHash }: LockedOperator): boolean =>
  role === 'owner' && disabledAt === null && passwordHash !== null;

function invitation(token: string) {
  return {
    invitationHash: hashOfToken(token),
    invitationExpiresAt: sql`UTC_TIMESTAMP(3) + INTERVAL ${invitationHours} HOUR`,
  };
}

const newToken = (): string => randomBytes(32).toString('base64url');

async function record(
  tx: Transaction,
  { actor }: By,
  action: string,
  id: string,
  detail?: Readonly<Record<string, unknown>>,
): Promise<void> {
  recordAct(tx, { actor, action, subject: `admin:${id}`, ...(detail && { detail }) });
}
