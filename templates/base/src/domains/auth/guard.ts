import { unauthenticated } from '#app/http/errors.ts';
import { requestContext } from '#app/http/request-context.ts';
import type { Guard } from '#app/http/route.ts';
import type { Identity } from './access-tokens.ts';
import type { AuthService } from './service.ts';

/**
 * For routes that take a signed-in user: `Authorization: Bearer` with an access token. Who acts in
 * the user's place gets in too, but for what is `sensitive`.
 */
export function signedIn(
  auth: Pick<AuthService, 'identify' | 'permit' | 'refusalsOf'>,
): Guard<Identity> {
  return {
    scheme: 'bearer',
    errorsFor: (route) => auth.refusalsOf?.(route) ?? [],
    async check({ headers, route }) {
      const [, token] = /^Bearer ([\w.~+/-]+=*)$/i.exec(headers.authorization ?? '') ?? [];
      if (token === undefined) throw unauthenticated({ detail: 'Send an access token.' });
      const identity = await auth.identify(token);
      if (identity === undefined) {
        throw unauthenticated({ detail: 'The access token is not valid, or has expired.' });
      }
      nameInContext(identity);
      await auth.permit(identity, route);
      return identity;
    },
  };
}

/** Has all log lines and audit entries of the request name who asks. */
function nameInContext({ userId, actor }: Identity): void {
  const context = requestContext.getStore();
  if (context === undefined) return;
  context.logFields['userId'] = userId;
  if (actor === undefined) return;
  context.logFields['actorId'] = actor;
  context.operator = actor;
}
