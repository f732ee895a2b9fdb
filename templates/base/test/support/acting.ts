// Somebody who acts in a user's place.
import { decodeJwt } from 'jose';
import { accessTokens } from '#app/domains/auth/access-tokens.ts';
import { fileStore } from '#app/domains/auth/keys/file-store.ts';
import { holdRing } from '#app/domains/auth/keys/held-ring.ts';
import { createLog } from '#app/log.ts';
import { describedRoutes } from './all-routes.ts';
import { testSettings, type TestService } from './service.ts';
import type { SignedInUser } from './users.ts';

export const actor = 'helper:1';

/** The header of a token for a user's own session, which says that another acts in it. */
export async function actingFor(
  service: TestService,
  user: Pick<SignedInUser, 'accessToken'>,
): Promise<{ authorization: string }> {
  const log = createLog({ LOG_LEVEL: 'silent' });
  const keyring = await holdRing({ store: fileStore(service.keysFile), log });
  const tokens = accessTokens(keyring, testSettings(service.database).APP_ORIGIN);
  const { sub, acc, sid } = decodeJwt(user.accessToken);
  const [userId, accountId, sessionId] = [sub, acc, sid].map(String) as [string, string, string];
  const token = await tokens.issue({ userId, accountId, sessionId, actor });
  return { authorization: `Bearer ${token}` };
}

/**
 * What a domain lets a signed-in user change: only in person, or also by who acts in their place.
 * A domain's test writes both lists down, so that a new route has to be decided on.
 */
export async function changingRoutes(
  service: TestService,
  domain: string,
): Promise<{ inPerson: string[]; byProxy: string[] }> {
  const routes = await describedRoutes(service, domain);
  const changing = routes.filter(({ takesUser, method }) => takesUser && method !== 'get');
  const names = (isInPerson: boolean) =>
    changing
      .filter((route) => route.isInPerson === isInPerson)
      .map(({ method, path }) => `${method} ${path}`)
      .toSorted();
  return { inPerson: names(true), byProxy: names(false) };
}
