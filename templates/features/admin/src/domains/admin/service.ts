import type { Database } from '#app/database/database.ts';
import type { AuthService } from '#app/domains/auth/service.ts';
import type { AnswerHeaders, GuardRequest } from '#app/http/route.ts';
import type { Log } from '#app/log.ts';
import type { Outbox } from '#app/platform/outbox/outbox.ts';
import type { Sealing } from '#app/platform/sealing.ts';
import type { Settings } from '#app/settings.ts';
import { adminGuards, type AdminGuards } from './guard.ts';
import { openImpersonation, type Impersonation } from './impersonation/impersonation.ts';
import type { Operator } from './operator.ts';
import { openAdminSessions, type AdminSessions } from './sessions/sessions.ts';

/** What each part of the admin area is made from. */
export interface AdminDeps {
  readonly settings: Settings;
  readonly log: Log;
  readonly database: Database;
  readonly sealing: Sealing;
  readonly outbox: Outbox;
  readonly auth: AuthService;
}

/** The admin area: its operators, their sessions, and what they may do. */
export interface AdminService {
  readonly guards: AdminGuards;
  readonly sessions: AdminSessions;
  readonly impersonation: Impersonation;
  /**
   * Has an operator prove the second factor once more. The session goes on under a new id.
   *
   * @returns nothing where the code is wrong, or was used before
   * @throws too_many_attempts
   */
  prove(
    operator: Operator,
    code: string,
    request: GuardRequest,
  ): Promise<{ operator: Operator; headers: AnswerHeaders } | undefined>;
  close(): Promise<void>;
}

export async function openAdmin(deps: AdminDeps): Promise<AdminService> {
  const sessions = openAdminSessions(deps);
  const impersonation = openImpersonation({ ...deps, sessions });

  return {
    guards: adminGuards({ ...deps, sessions }),
    sessions,
    impersonation,
    prove: async () => undefined,
    close: () => impersonation.close(),
  };
}
