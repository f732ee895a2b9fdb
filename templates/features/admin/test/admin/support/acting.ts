// What operators do to act in a customer's place.
import type { RowDataPacket } from 'mysql2/promise';
import type { RoleName } from '#app/domains/admin/roles.ts';
import type { Answer, TestService } from '../../support/service.ts';
import { askWho, signUp, type SignedInUser } from '../../support/users.ts';
import { signInOperator, type SignedInOperator } from './operator.ts';

export const reason = 'They cannot find their settings, ticket 4711';

export type AccessHeader = SignedInUser['authorization'];

export interface Customer {
  readonly customer: SignedInUser;
  readonly userId: string;
}

export interface Acting extends Customer {
  readonly operator: SignedInOperator;
  /** The header that acts in the customer's place. */
  readonly header: AccessHeader;
}

export async function newCustomer(service: TestService): Promise<Customer> {
  const customer = await signUp(service);
  const { body } = await askWho(service, customer.authorization);
  return { customer, userId: body.user.id };
}

/** Has a new operator act in a new customer's place. */
export async function beginActing(
  service: TestService,
  role: RoleName = 'support',
): Promise<Acting> {
  const operator = await signInOperator(service, role);
  const customer = await newCustomer(service);
  await begin(operator, customer.userId);
  const header = { authorization: `Bearer ${await tokenOf(operator)}` };
  return { ...customer, operator, header };
}

/** Sends the form on a customer's page. */
export function begin(
  operator: SignedInOperator,
  userId: string,
  form: Readonly<Record<string, string>> = { reason, _confirm: 'on' },
): Promise<Answer> {
  return operator.post(`/admin/customers/${userId}/impersonate`, form);
}

/** The access token that the operator's page shows; empty where it shows none. */
export async function tokenOf(operator: SignedInOperator): Promise<string> {
  const { body } = await operator.post('/admin/impersonation/token');
  return /<code>([\w.-]+)<\/code>/.exec(String(body))?.[1] ?? '';
}

export interface ImpersonationRow {
  readonly id: string;
  readonly endedAt: Date | null;
}

/** The impersonations of an operator, the first one first. */
export async function impersonationsOf(
  { database }: TestService,
  { id }: { readonly id: string },
): Promise<ImpersonationRow[]> {
  const [rows] = await database.connection.query<(ImpersonationRow & RowDataPacket)[]>(
    'SELECT id, ended_at AS endedAt FROM impersonations WHERE admin_id = ? ORDER BY created_at',
    [id],
  );
  return rows;
}

/** What the audit log says of such acts in which an id is named, the latest first. */
export async function actsWith({ database }: TestService, action: string, id: string) {
  const [rows] = await database.connection.query<RowDataPacket[]>(
    `SELECT actor, operator, detail FROM audit_log
     WHERE action = ? AND CONCAT_WS(' ', actor, subject, detail) LIKE ? ORDER BY id DESC`,
    [action, `%${id}%`],
  );
  return rows.map(({ actor, operator, detail }) => ({
    actor: String(actor),
    operator: operator === null ? undefined : String(operator),
    detail: JSON.parse(String(detail)),
  }));
}
