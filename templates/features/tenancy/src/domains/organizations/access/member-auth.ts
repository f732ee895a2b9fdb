// A token says for which account it was made. Whether its user still belongs to that, what his role
// may and what the account is licensed to, is asked of the database at each request: who was removed is
// out at once.
import type { RowDataPacket } from 'mysql2/promise';
import type { Database } from '#app/database/database.ts';
import type { Identity } from '#app/domains/auth/access-tokens.ts';
import { openAuth, type AuthService } from '#app/domains/auth/service.ts';
import { entitlementMissing } from '#app/domains/licenses/errors.ts';
import type { Licenses } from '#app/domains/licenses/service.ts';
import type { ErrorKind } from '#app/errors.ts';
import type { GuardRequest } from '#app/http/route.ts';
import { notAMember, roleInsufficient } from '../errors.ts';
import { may, titleOf, type Permission } from '../roles.ts';
import { permissionOf } from './route-permission.ts';

/** Opens authentication with a `permit` that asks for the membership and the license too. */
export async function openMemberAuth({
  licenses,
  ...deps
}: Parameters<typeof openAuth>[0] & {
  licenses: Pick<Licenses, 'require'>;
}): Promise<AuthService> {
  const auth = await openAuth(deps);
  return {
    ...auth,
    async permit(identity, route) {
      await auth.permit(identity, route);
      const permission = permissionOf(route);
      if (permission !== 'own') await requirePermission(deps.database, identity, permission);
      const { entitlement } = route;
      if (entitlement !== undefined) await licenses.require(identity.accountId, entitlement);
    },
    refusalsOf,
    get problem() {
      return auth.problem;
    },
  };
}

function refusalsOf(route: GuardRequest['route']): ErrorKind[] {
  return [
    ...(permissionOf(route) === 'own' ? [] : [notAMember, roleInsufficient]),
    ...(route.entitlement === undefined ? [] : [entitlementMissing]),
  ];
}

type Standing = RowDataPacket & { readonly isPersonal: number; readonly role: string | null };

/**
 * Lets who speaks for the own account through, and of an organization's members those whose role has
 * the permission. By two primary keys, and a statement that the server keeps prepared.
 *
 * @throws not_a_member, role_insufficient
 */
async function requirePermission(
  { pool }: Pick<Database, 'pool'>,
  { userId, accountId }: Identity,
  permission: Permission,
): Promise<void> {
  const [[standing]] = await pool.execute<Standing[]>(
    `SELECT users.account_id = ? AS isPersonal, memberships.role FROM users
      LEFT JOIN memberships ON memberships.account_id = ? AND memberships.user_id = users.id
      WHERE users.id = ?`,
    [accountId, accountId, userId],
  );
  if (standing?.isPersonal === 1) return;
  if (standing === undefined || standing.role === null) {
    throw notAMember({
      detail: 'Exchange the refresh token: the next token is for your own account.',
    });
  }
  if (may(standing.role, permission)) return;
  throw roleInsufficient({
    detail: `This takes ${permission}, which ${titleOf(standing.role)} has not.`,
  });
}
