import { unauthenticated } from '#app/http/errors.ts';
import { requestContext } from '#app/http/request-context.ts';
import type { Guard } from '#app/http/route.ts';
import type { Identity } from './access-tokens.ts';
import type { AuthService } from './service.ts';

/** For routes that take a signed-in user: `Authorization: Bearer` with an access token. */
export function signedIn(auth: Pick<AuthService, 'identify'>): Guard<Identity> {
  return {
    scheme: 'bearer',
    async check({ headers }) {
      const [, token] = /^Bearer ([\w.~+/-]+=*)$/i.exec(headers.authorization ?? '') ?? [];
      if (token === undefined) throw unauthenticated({ detail: 'Send an access token.' });
      const identity = await auth.identify(token);
      if (identity === undefined) {
        throw unauthenticated({ detail: 'The access token is not valid, or has expired.' });
      }
      const fields = requestContext.getStore()?.logFields;
      if (fields !== undefined) fields['userId'] = identity.userId;
      return identity;
    },
  };
}
