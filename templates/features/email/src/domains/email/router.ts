import type { Route } from '#app/http/route.ts';
import type { Services } from '#app/lifecycle.ts';
import { previewRoutes } from './preview/routes.ts';
import { resendRoutes } from './webhooks/routes.ts';

export function emailRoutes(services: Pick<Services, 'settings' | 'database' | 'log'>): Route[] {
  const { settings } = services;
  return [
    ...resendRoutes(services),
    // What they show is nobody else's to see: elsewhere they are not there.
    ...(settings.NODE_ENV === 'development' ? previewRoutes(settings) : []),
  ];
}
