import type { Call, Hook, OpenHook } from '#app/http/hook.ts';
import type { Route } from '#app/http/route.ts';
import { idempotencyKeyMissing } from './errors.ts';
import type { Idempotency } from './idempotency.ts';
import { keyIn } from './key.ts';

/**
 * Has a route that is `idempotent` handle each request once: by `Idempotency-Key`, as in
 * draft-ietf-httpapi-idempotency-key-header-07. A key is its user's own, on one route.
 */
export const idempotencyHook: OpenHook = ({ idempotency }) => {
  return (route) => (route.idempotent === undefined ? undefined : hookOf(route, idempotency));
};

function hookOf(route: Route, idempotency: Pick<Idempotency, 'once'>): Hook {
  requireRepeatable(route);
  const { method, path, idempotent } = route;
  return {
    async aroundHandler({ request, identity, params, query, body }, handle) {
      const key = keyIn(request.headers);
      if (key === undefined) {
        if (idempotent === 'required') throw idempotencyKeyMissing();
        return handle();
      }
      const { accountId, userId } = signedInAs(identity);
      const scope = [accountId, userId, method, path, key];
      return idempotency.once({ scope, request: [params, query, body] }, handle);
    },
  };
}

/** What it answers has to be kept as it is, for whom it was for. */
function requireRepeatable({ method, path, guard, body, answers }: Route): void {
  const kinds = [body?.kind ?? 'json', ...Object.values(answers).map(({ kind }) => kind)];
  if (guard.scheme === 'bearer' && kinds.every((kind) => kind === 'json' || kind === 'empty'))
    return;
  throw new Error(
    `${method} ${path} cannot be idempotent: that takes a signed-in user, and JSON in and out.`,
  );
}

function signedInAs(identity: Call['identity']): { accountId: string; userId: string } {
  const { accountId, userId } = (identity ?? {}) as Record<string, unknown>;
  if (typeof accountId === 'string' && typeof userId === 'string') return { accountId, userId };
  throw new Error('Only a guard that says who is signed in goes with an idempotent route.');
}
