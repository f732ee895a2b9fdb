import { signedIn } from '#app/domains/auth/guard.ts';
import type { AuthService } from '#app/domains/auth/service.ts';
import { json, reply, route, type Route } from '#app/http/route.ts';
import { presentLicense } from './present.ts';
import * as schemas from './schemas.ts';
import type { Licenses } from './service.ts';

export function licenseRoutes({
  licenses,
  auth,
}: {
  licenses: Pick<Licenses, 'of'>;
  auth: AuthService;
}): Route[] {
  return [
    route({
      method: 'get',
      path: '/v1/license',
      summary: 'Show what the account is licensed to',
      guard: signedIn(auth),
      answers: { 200: json(schemas.License) },
      handler: async ({ identity }) =>
        reply(200, presentLicense(await licenses.of(identity.accountId))),
    }),
  ];
}
