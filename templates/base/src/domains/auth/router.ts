import type { Route } from '#app/http/route.ts';
import { accountPages } from './account/pages/routes.ts';
import { accountRoutes } from './account/routes.ts';
import { secondFactorRoutes } from './second-factor/routes.ts';
import type { AuthService } from './service.ts';
import { sessionRoutes } from './sessions/routes.ts';
import { signInRoutes } from './sign-in/routes.ts';
import type { CookieSettings } from './sign-in/token-cookies.ts';

export function authRoutes({
  auth,
  settings,
}: {
  auth: AuthService;
  settings: CookieSettings;
}): Route[] {
  return [
    ...accountRoutes(auth),
    ...signInRoutes(auth, settings),
    ...sessionRoutes(auth),
    ...secondFactorRoutes(auth),
    ...accountPages(auth, settings),
  ];
}
