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
import { openInvitations, type Invitations } from './operators/invitations.ts';
import { openOperators, type Operators } from './operators/operators.ts';
import { openOwnSignIn, type OwnSignIn } from './operators/own-sign-in.ts';
import type { AdminSessionStore } from './sessions/session-store.ts';
import { openAdminSessions, type AdminSessions } from './sessions/sessions.ts';
import { prove } from './sign-in/prove.ts';
import { openSignIn, type SignIn } from './sign-in/sign-in.ts';

/** What each part of the admin area is made from. */
export interface AdminDeps {
  readonly settings: Settings;
  readonly log: Log;
  readonly database: Database;
  readonly sealing: Sealing;
  readonly outbox: Outbox;
  readonly auth: AuthService;
  readonly adminSessionStore: AdminSessionStore;
}

/** The admin area: its operators, their sessions, and what they may do. */
export interface AdminService {
  readonly guards: AdminGuards;
  readonly sessions: AdminSessions;
  readonly signIn: SignIn;
  readonly operators: Operators;
  readonly invitations: Invitations;
  readonly own: OwnSignIn;
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
  const parts = { ...deps, sessions };
  const impersonation = openImpersonation(parts);

  return {
    guards: adminGuards(parts),
    sessions,
    signIn: openSignIn(parts),
    operators: openOperators(parts),
    invitations: openInvitations(parts),
    own: openOwnSignIn(parts),
    impersonation,
    prove: (operator, code) => prove(parts, operator, code),
    close: () => impersonation.close(),
  };
}
