// Operators who have followed an invitation, and sign in by what they have set up there.
import { createHash, randomBytes } from 'node:crypto';
import type { RoleName } from '#app/domains/admin/roles.ts';
import { authenticator } from '../../support/authenticator.ts';
import { request, type Answer, type TestService } from '../../support/service.ts';
import { addOperator } from './operator.ts';

export interface Enrolled {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  /** The secret of the app, in base32. */
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
  /** The code that the app shows, which was not used. */
  code(): Promise<string>;
}

export type Headers = Readonly<Record<string, string>>;

/** What a browser says of a form that a page of this site sends. */
export const fromOwnPage: Headers = { 'sec-fetch-site': 'same-origin' };

/** Sends a form, by default as a page of the admin area does. */
export function sendForm(
  { url }: Pick<TestService, 'url'>,
  path: string,
  fields: Readonly<Record<string, string>>,
  headers: Headers = fromOwnPage,
): Promise<Answer> {
  return request(url, path, { method: 'POST', body: new URLSearchParams(fields), headers });
}

/** Makes an operator with an invitation. */
export async function invite(
  service: TestService,
  role: RoleName = 'owner',
): Promise<{ readonly id: string; readonly email: string; readonly token: string }> {
  const operator = await addOperator(service, role);
  const token = randomBytes(32).toString('base64url');
  await service.database.connection.execute(
    `UPDATE admin_users SET invitation_hash = ?,
       invitation_expires_at = UTC_TIMESTAMP(3) + INTERVAL 24 HOUR WHERE id = ?`,
    [createHash('sha256').update(token).digest(), operator.id],
  );
  return { ...operator, token };
}

/** Opens the page of an invitation, and gives what its form holds. */
export async function openInvitation(service: TestService, token: string) {
  const page = await service.get(`/admin/invitation?token=${token}`);
  const text = String(page.body);
  const offer = /name="offer"\s+value="([^"]+)"/.exec(text)?.[1] ?? '';
  const secret = (/class="secret">([A-Z2-7 ]+)</.exec(text)?.[1] ?? '').replaceAll(' ', '');
  return { page, offer, secret };
}

/** The recovery codes that a page shows. */
export function recoveryCodesOn({ body }: Answer): string[] {
  return [...String(body).matchAll(/<code>([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})<\/code>/g)].map(
    ([, code = '']) => code,
  );
}

/** Makes an operator who has a password, an app and recovery codes. */
export async function enrol(service: TestService, role: RoleName = 'owner'): Promise<Enrolled> {
  const { id, email, token } = await invite(service, role);
  const password = `long enough ${randomBytes(6).toString('hex')}`;
  const { offer, secret } = await openInvitation(service, token);
  const show = authenticator(secret);
  const fields = { token, offer, password, code: show() };
  const recoveryCodes = recoveryCodesOn(await sendForm(service, '/admin/invitation', fields));
  const { connection } = service.database;
  return {
    id,
    email,
    password,
    secret,
    recoveryCodes,
    async code() {
      await connection.execute('UPDATE admin_users SET last_step = 0 WHERE id = ?', [id]);
      return show();
    },
  };
}

/** Sends the form of the page that signs in. */
export async function signIn(
  service: Pick<TestService, 'url'>,
  given: { readonly email: string; readonly password: string; readonly code: string },
  headers: Headers = fromOwnPage,
): Promise<Answer> {
  const { email, password, code } = given;
  return sendForm(service, '/admin/sign-in', { email, password, code }, headers);
}

/** Signs an operator in, and gives the cookies that keep it. */
export async function cookiesOf(
  service: TestService,
  operator: Enrolled,
): Promise<{ readonly session: string; readonly browser: string }> {
  const answer = await signIn(service, { ...operator, code: await operator.code() });
  const [session = '', browser = ''] = answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0] ?? '');
  return { session, browser };
}

/** The token that the forms of a page carry. */
export function formTokenOn({ body }: Answer): string {
  return /name="_token"\s+value="([^"]+)"/.exec(String(body))?.[1] ?? '';
}

export interface AuditEntry {
  readonly actor: string;
  readonly action: string;
  readonly subject: string | null;
  readonly detail: unknown;
}

/** What the audit log has of an operator, or of all, the newest last. */
export async function auditOf({ database }: TestService, action: string): Promise<AuditEntry[]> {
  const [rows] = await database.connection.query(
    'SELECT actor, action, subject, detail FROM audit_log WHERE action = ? ORDER BY id',
    [action],
  );
  return (rows as AuditEntry[]).map(({ actor, action: done, subject, detail }) => ({
    actor,
    action: done,
    subject,
    // MariaDB keeps JSON as text.
    detail: typeof detail === 'string' ? JSON.parse(detail) : detail,
  }));
}
