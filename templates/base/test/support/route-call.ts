import type { Tenant } from './tenant.ts';

/** What a route is called with. */
export interface RouteCall {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/**
 * By route, such as `get /v1/tasks/{id}`, a call that a tenant may make, with ids of its own; nothing
 * where its kind cannot make any.
 */
export type RouteCalls = Readonly<
  Record<string, (tenant: Tenant) => Promise<RouteCall | undefined>>
>;
