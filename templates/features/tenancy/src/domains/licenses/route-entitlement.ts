import type { Entitlement } from './entitlements.ts';

declare module '#app/http/route.ts' {
  interface RouteOptions {
    /** What the license of the account has to include: its guard refuses others. */
    readonly entitlement?: Entitlement;
  }
}
