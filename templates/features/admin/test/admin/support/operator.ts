// Operators who are signed in to the admin area, without the way that leads there.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { beforeAll } from 'vitest';
import type { RoleName } from '#app/domains/admin/roles.ts';
import { request, type Answer, type TestService } from '../../support/service.ts';
import { addSession, ageProof } from './stored-sessions.ts';

export interface SignedInOperator {
  readonly id: string;
  readonly email: string;
  readonly sessionId: string;
  /** The Cookie header of the session as it is now. */
  cookie(): string;
  /** Asks for a page. Sends the cookie, and keeps the one that an answer brings. */
  get(path: string): Promise<Answer>;
  /** Sends a form as a browser does from a page of this session, with its token. */
  post(path: string, form?: Readonly<Record<string, string>>): Promise<Answer>;
}

/**
 * Makes an operator, with a session.
 *
 * @param options.stale has the second factor proved too long ago for what is sensitive
 */
export async function signInOperator(
  service: TestService,
  role: RoleName = 'owner',
  options: { readonly stale?: boolean } = {},
): Promise<SignedInOperator> {
  const operator = await addOperator(service, role);
  return signInAgain(service, operator, options);
}

/** Makes an operator who is not signed in. */
export async function addOperator(
  { database }: TestService,
  role: RoleName = 'owner',
): Promise<{ readonly id: string; readonly email: string }> {
  const id = randomUUID();
  const email = `operator-${randomBytes(6).toString('hex')}@example.com`;
  await database.connection.execute('INSERT INTO admin_users (id, email, role) VALUES (?, ?, ?)', [
    id,
    email,
    role,
  ]);
  return { id, email };
}

/** Gives an operator one more session. */
export async function signInAgain(
  service: TestService,
  { id, email }: { readonly id: string; readonly email: string },
  { stale = false }: { readonly stale?: boolean } = {},
): Promise<SignedInOperator> {
  let token = randomBytes(32).toString('base64url');
  const tokenHash = createHash('sha256').update(token).digest();
  const sessionId = await addSession(service, id, tokenHash);
  if (stale) await ageProof(service, id);

  const cookie = () => `sid=${token}`;

  async function send(path: string, init: RequestInit = {}): Promise<Answer> {
    const headers = { cookie: cookie(), 'sec-fetch-site': 'same-origin' };
    const answer = await request(service.url, path, { headers, ...init });
    for (const set of answer.headers.getSetCookie()) {
      token = /^sid=([^;]*)/.exec(set)?.[1] ?? token;
    }
    return answer;
  }

  return {
    id,
    email,
    sessionId,
    cookie,
    get: (path) => send(path),
    async post(path, form = {}) {
      // Every role may see this page, and every page has the token of its session.
      const page = await send('/admin/me');
      const formToken = /name="_token" value="([^"]+)"/.exec(String(page.body))?.[1] ?? '';
      return send(path, {
        method: 'POST',
        body: new URLSearchParams({ _token: formToken, ...form }),
      });
    },
  };
}

/** Signs an operator in for all tests of a file. */
export function useOperator(
  service: TestService,
  role: RoleName = 'owner',
  options: { readonly stale?: boolean } = {},
): SignedInOperator {
  const operator = {} as SignedInOperator;
  beforeAll(async () => {
    Object.assign(operator, await signInOperator(service, role, options));
  });
  return operator;
}
