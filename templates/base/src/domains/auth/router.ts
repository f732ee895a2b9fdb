import type { Route } from '#app/http/route.ts';
import { accountPages } from './account/pages/routes.ts';
import { accountRoutes } from './account/routes.ts';
import type { AuthService } from './service.ts';
import { signInRoutes } from './sign-in/routes.ts';

export function authRoutes({ auth }: { auth: AuthService }): Route[] {
  return [...accountRoutes(auth), ...signInRoutes(auth), ...accountPages(auth)];
}
