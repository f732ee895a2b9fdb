import { notFound } from '#app/http/errors.ts';
import { empty, json, reply, route, type Route } from '#app/http/route.ts';
import { signedIn } from '../guard.ts';
import type { AuthService } from '../service.ts';
import { SessionList, SessionParams } from './schemas.ts';
import type { Session } from './sessions.ts';

/** Where users are signed in, and how they end it. */
export function sessionRoutes(auth: AuthService): Route[] {
  return [
    route({
      method: 'get',
      path: '/v1/auth/sessions',
      summary: 'List where you are signed in',
      guard: signedIn(auth),
      answers: { 200: json(SessionList) },
      handler: async ({ identity }) => {
        const sessions = await auth.sessions.list(identity.userId);
        return reply(200, {
          sessions: sessions.map((session) => present(session, identity.sessionId)),
        });
      },
    }),
    route({
      method: 'delete',
      path: '/v1/auth/sessions/:id',
      summary: 'Sign out somewhere',
      guard: signedIn(auth),
      sensitive: true,
      params: SessionParams,
      answers: { 204: empty() },
      errors: [notFound],
      handler: async ({ identity, params }) => {
        if (!(await auth.sessions.end(identity, params.id))) throw notFound();
        return reply(204);
      },
    }),
    route({
      method: 'post',
      path: '/v1/auth/logout-all',
      summary: 'Sign out everywhere',
      guard: signedIn(auth),
      sensitive: true,
      answers: { 204: empty() },
      handler: async ({ identity }) => {
        await auth.sessions.endAll(identity);
        return reply(204);
      },
    }),
  ];
}

function present(session: Session, currentId: string) {
  return {
    id: session.id,
    current: session.id === currentId,
    createdAt: session.createdAt.toISOString(),
    lastUsedAt: (session.lastUsedAt ?? session.createdAt).toISOString(),
    ip: session.ip,
    userAgent: session.userAgent,
  };
}
