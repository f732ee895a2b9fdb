import { randomBytes } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import type { RoleName } from '#app/domains/organizations/roles.ts';
import { tokenIn } from '../../support/mailed-links.ts';
import { mailTo } from '../../support/sent-mail.ts';
import type { Answer, TestService } from '../../support/service.ts';
import { tenantOf, type Tenant } from '../../support/tenant.ts';
import type { SignedInUser } from '../../support/users.ts';
import { addPerson, tokenFor, type Person } from './people.ts';

/** Somebody who belongs to an organization, and acts for it in the only session. */
export interface TestMember extends Person {
  /** Asks by an access token for the organization. */
  readonly acting: Tenant;
}

export interface TestOrganization {
  readonly accountId: string;
  readonly name: string;
  readonly slug: string;
  readonly owner: TestMember;
}

/** Makes an organization of somebody new, who owns it. */
export async function newOrganization(
  service: TestService,
  name = `Org ${randomBytes(6).toString('hex')}`,
): Promise<TestOrganization> {
  const owner = await addPerson(service);
  const { body } = await service.post('/v1/organizations', { name }, owner.authorization);
  const { accountId, slug } = body;
  return { accountId, name, slug, owner: await actingMember(service, owner, accountId) };
}

/** Makes somebody new a member, without the way that leads there. */
export async function addMember(
  service: TestService,
  { accountId }: Pick<TestOrganization, 'accountId'>,
  role: RoleName = 'member',
): Promise<TestMember> {
  const person = await addPerson(service);
  await service.database.connection.query(
    'INSERT INTO memberships (account_id, user_id, role) VALUES (?, ?, ?)',
    [accountId, person.userId, role],
  );
  return actingMember(service, person, accountId);
}

/** Has a user's session act for an account. */
export function switchTo(
  service: TestService,
  { authorization }: Pick<SignedInUser, 'authorization'>,
  accountId: string | null,
): Promise<Answer> {
  return service.post('/v1/organizations/switch', { accountId }, authorization);
}

/** Invites an address, and gives the token of the link that it gets as its mail of that number. */
export async function invite(
  service: TestService,
  { owner }: Pick<TestOrganization, 'owner'>,
  invited: { readonly email: string; readonly role?: RoleName },
  mails = 1,
): Promise<{ readonly id: string; readonly token: string }> {
  const { email, role = 'member' } = invited;
  const { body } = await owner.acting.post('/v1/organizations/current/invitations', {
    email,
    role,
  });
  return { id: body.id, token: tokenIn(await mailTo(service.mailFolder, email, mails)) };
}

/** Has a user accept an invitation. */
export function accept(
  service: TestService,
  { authorization }: Pick<SignedInUser, 'authorization'>,
  token: string,
): Promise<Answer> {
  return service.post('/v1/organizations/invitations/accept', { token }, authorization);
}

/** The roles of an organization's members, by user id. */
export async function rolesIn(
  { database }: TestService,
  { accountId }: Pick<TestOrganization, 'accountId'>,
): Promise<Record<string, string>> {
  const [rows] = await database.connection.query<RowDataPacket[]>(
    'SELECT user_id, role FROM memberships WHERE account_id = ?',
    [accountId],
  );
  return Object.fromEntries(rows.map((row) => [row['user_id'], row['role']]));
}

/** What was recorded of an organization, the oldest first. */
export async function actsOf(
  { database }: TestService,
  { accountId }: Pick<TestOrganization, 'accountId'>,
): Promise<{ actor: string; action: string; detail: unknown }[]> {
  const [rows] = await database.connection.query<RowDataPacket[]>(
    'SELECT actor, action, CAST(detail AS CHAR) AS detail FROM audit_log WHERE subject = ? ORDER BY id',
    [`account:${accountId}`],
  );
  return rows.map((row) => ({
    actor: row['actor'],
    action: row['action'],
    detail: JSON.parse(row['detail']),
  }));
}

/** The statuses of answers, the lowest first. */
export function statusesOf(answers: readonly Answer[]): number[] {
  return answers.map(({ status }) => status).toSorted((a, b) => a - b);
}

export function newAddress(): string {
  return `${randomBytes(6).toString('hex')}@example.com`;
}

/** Has a member's only session act for the organization, and the address be verified, as a member's is. */
async function actingMember(
  service: TestService,
  person: Person,
  accountId: string,
): Promise<TestMember> {
  await service.database.connection.query('UPDATE sessions SET account_id = ? WHERE id = ?', [
    accountId,
    person.sessionId,
  ]);
  await service.database.connection.query(
    'UPDATE users SET email_verified_at = UTC_TIMESTAMP(3) WHERE id = ?',
    [person.userId],
  );
  const accessToken = await tokenFor(service, person, accountId);
  return { ...person, acting: tenantOf(service, accessToken) };
}
