import type { GuardRequest } from '#app/http/route.ts';
import type { Permission } from '../roles.ts';
import { permissionRules } from './permission-rules.ts';

/** `own` takes nothing: it is about the person, and not about an account. */
export type RoutePermission = Permission | 'own';

declare module '#app/http/route.ts' {
  interface RouteOptions {
    /** What a member's role must have, where neither a rule nor the method says it. */
    readonly permission?: RoutePermission;
  }
}

interface Rule {
  readonly get: RoutePermission;
  readonly change: RoutePermission;
}

const rules: readonly (readonly [string, Rule])[] = Object.entries(permissionRules);

/** What a route takes of a member: what it says itself, else by the rules, else by its method. */
export function permissionOf({ method, path, permission }: GuardRequest['route']): RoutePermission {
  if (permission !== undefined) return permission;
  const [, rule] = rules.find(([place]) => path === place || path.startsWith(`${place}/`)) ?? [];
  const { get, change } = rule ?? { get: 'read', change: 'write' };
  return method === 'get' ? get : change;
}
