// Who may enter a page of the admin area, and who may do something there.
import type { Database } from '#app/database/database.ts';
import { requestContext } from '#app/http/request-context.ts';
import type { Guard, GuardRequest } from '#app/http/route.ts';
import { requireSameOrigin } from '#app/http/same-origin.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import type { Settings } from '#app/settings.ts';
import { actingDenied, adminSignInRequired, permissionDenied } from './errors.ts';
import { actorOf, mayOperator, type Operator } from './operator.ts';
import type { Action } from './pages/define-page.ts';
import type { Permission } from './roles.ts';
import type { AdminSessions } from './sessions/sessions.ts';
import { adminOrigin } from './settings.ts';

export interface AdminGuards {
  /** For what anybody's browser may send, from a page of the admin area. */
  readonly visitor: Guard<undefined>;
  /** For what every operator may see. */
  readonly anyOperator: Guard<Operator>;
  /** For a page: its operator, else to the page that signs in. */
  page(permission: Permission): Guard<Operator>;
  /** For what changes something: refuses, and records, who may not. */
  action(action: Pick<Action, 'permission' | 'whileActing'>): Guard<Operator>;
}

export function adminGuards(deps: {
  settings: Pick<Settings, 'APP_ORIGIN' | 'ADMIN_ORIGIN'>;
  database: Database;
  sessions: AdminSessions;
}): AdminGuards {
  const { settings, database, sessions } = deps;
  // Those that may call the API from browsers are no part of the admin area.
  const origin = { APP_ORIGIN: adminOrigin(settings), CORS_ORIGINS: [] };

  async function enter(request: GuardRequest): Promise<Operator> {
    const operator = await sessions.find(request);
    if (operator === undefined) throw adminSignInRequired(sessions.isNamedIn(request));
    const fields = requestContext.getStore()?.logFields;
    if (fields !== undefined) {
      fields['operatorId'] = operator.id;
      if (operator.impersonation !== undefined) fields['actingFor'] = operator.impersonation.userId;
    }
    return operator;
  }

  /** In a transaction of its own: the refusal that follows would undo it. */
  async function refuse(operator: Operator, permission: Permission, reason: string): Promise<void> {
    const detail = { permission, reason, actingFor: operator.impersonation?.userId };
    await database.transaction((tx) =>
      recordAct(tx, { actor: actorOf(operator), action: 'admin.denied', detail }),
    );
  }

  return {
    visitor: {
      async check({ headers }) {
        requireSameOrigin(headers, origin);
        return undefined;
      },
    },

    anyOperator: { check: enter },

    page: (permission) => ({
      async check(request) {
        const operator = await enter(request);
        if (mayOperator(operator, permission)) return operator;
        await refuse(operator, permission, 'permission');
        throw permissionDenied();
      },
    }),

    action: ({ permission, whileActing = false }) => ({
      async check(request) {
        requireSameOrigin(request.headers, origin);
        const operator = await enter(request);
        if (operator.impersonation !== undefined && !whileActing) {
          await refuse(operator, permission, 'acting');
          throw actingDenied();
        }
        if (mayOperator(operator, permission)) return operator;
        await refuse(operator, permission, 'permission');
        throw permissionDenied();
      },
    }),
  };
}
