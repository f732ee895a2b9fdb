// The routes of the project's own domains that take an id: what every domain has is called as its
// tests for isolation call it.
import type { RouteCall } from '../../support/route-call.ts';
import { routeCalls } from '../../support/route-calls.ts';
import type { Tenant } from '../../support/tenant.ts';

export interface DomainCall {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** Makes what it is about, by who asks. */
  readonly call: (tenant: Tenant) => Promise<RouteCall | undefined>;
  readonly pathOf: (params?: RouteCall['params'], query?: RouteCall['query']) => string;
}

const ofProject = /^(?<method>get|post|patch|delete) (?<path>\/v1\/(?!auth\/|organizations)\S+)$/;

export const domainCalls: readonly DomainCall[] = Object.values(routeCalls).flatMap((calls) =>
  Object.entries(calls).flatMap(([name, call]) => {
    const { method, path } = ofProject.exec(name)?.groups ?? {};
    if (method === undefined || path === undefined) return [];
    return {
      method: method as DomainCall['method'],
      call,
      pathOf: (params = {}, query) => {
        const place = path.replaceAll(/\{(\w+)\}/g, (_all, key: string) => params[key] ?? '');
        return query === undefined ? place : `${place}?${new URLSearchParams(query).toString()}`;
      },
    };
  }),
);
