// Who is signed in to the admin area, as its pages see them.
import { may, type Permission, type RoleName } from './roles.ts';

/** An operator's act in a customer's place, which has a fixed end. */
export interface RunningImpersonation {
  readonly id: string;
  readonly userId: string;
  readonly email: string;
  readonly expiresAt: Date;
}

export interface Operator {
  readonly id: string;
  readonly email: string;
  readonly role: RoleName;
  readonly sessionId: string;
  /** What its forms carry: nobody else can make it. */
  readonly formToken: string;
  /** When a second factor was last proved in this session. */
  readonly provenAt: Date;
  /** Whether that was so short a time ago that it counts for a sensitive act. */
  readonly isFresh: boolean;
  readonly impersonation: RunningImpersonation | undefined;
}

/** What the audit log calls an operator. */
export const actorOf = ({ id }: Pick<Operator, 'id'>): string => `admin:${id}`;

export function mayOperator({ role }: Pick<Operator, 'role'>, permission: Permission): boolean {
  return may(role, permission);
}
