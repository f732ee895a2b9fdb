// How often a route may be called, as its value says it.
import { open, type Route } from '../route.ts';
import type { LimitSettings } from './settings.ts';

/** Whose calls are counted together: those of an address range, of a user, of an account. */
export type LimitBy = 'ip' | 'user' | 'account';

/** Who calls, as far as that is known. */
export interface Caller {
  /** The range of the address; absent where there is no address. */
  readonly range?: string | undefined;
  readonly userId?: string | undefined;
  readonly accountId?: string | undefined;
}

/** The points of a window: the same for all, or those of whoever calls. Infinity is no limit. */
export type Points = number | ((caller: Caller) => number | Promise<number>);

/** A limit of a route's own. */
export interface OwnLimit {
  /** What headers call it. Routes with one name share one count; without it, the route has its own. */
  readonly name?: string;
  readonly points: Points;
  /** Seconds that a window lasts. It begins with the first call. */
  readonly per: number;
  /**
   * Whose calls are counted together; several are counted by each combination of them. By default
   * the account that the route's guard names, and else the address range.
   */
  readonly by?: LimitBy | readonly LimitBy[];
  /** The points that a call costs: 1 where it is left out. */
  readonly cost?: number;
  /** What becomes of a call while nothing that counts for all can be reached: allowed by default. */
  readonly whenGone?: 'allow' | 'refuse';
}

/** A part in the limit that holds for all routes without one of their own, at a price of its own. */
export interface SharedLimit {
  readonly cost: number;
}

export type RouteLimit = OwnLimit | SharedLimit;

declare module '#app/http/route.ts' {
  interface RouteOptions {
    /** How often it may be called: as all others where it is left out, `false` for any number. */
    readonly limit?: false | RouteLimit | readonly RouteLimit[];
  }
}

/** `caller` is the account where it is known, and else the address range. */
export type By = LimitBy | 'caller';

/** A limit in which nothing is left out. */
export interface Policy {
  readonly name: string;
  readonly points: Points;
  readonly per: number;
  readonly by: readonly By[];
  readonly cost: number;
  readonly whenGone: 'allow' | 'refuse';
}

/** The limits of routes that say nothing: of those that take somebody who is signed in, and others. */
export interface StandardLimits {
  readonly signedIn: Policy;
  readonly open: Policy;
}

/** @param points those of whoever is signed in */
export function standardLimits(settings: LimitSettings, points: Points): StandardLimits {
  const { RATE_LIMIT_ADDRESS_POINTS, RATE_LIMIT_SECONDS: per } = settings;
  const shared = { per, by: ['caller'], cost: 1, whenGone: 'allow' } as const;
  return {
    signedIn: { name: 'api', points, ...shared },
    open: { name: 'address', points: RATE_LIMIT_ADDRESS_POINTS, ...shared },
  };
}

/**
 * The limits of a route.
 *
 * @throws Error for what cannot be meant, at the start
 */
export function policiesOf(route: Route, standard: StandardLimits): Policy[] {
  const { limit = { cost: 1 } } = route;
  if (limit === false) return [];
  const limits = 'length' in limit ? limit : [limit];
  const policies = limits.map((each) => policyOf(each, route, standard));
  const problems = policies.flatMap((policy) => problemsOf(policy, route));
  const names = new Set(policies.map(({ name }) => name));
  if (names.size < policies.length) problems.push('two limits have the same name');
  if (problems.length === 0) return policies;
  throw new Error(`The limit of ${nameOf(route)} is not right: ${problems.join('; ')}`);
}

function policyOf(limit: RouteLimit, route: Route, standard: StandardLimits): Policy {
  if (!('points' in limit)) {
    const shared = takesSignedIn(route) ? standard.signedIn : standard.open;
    return { ...shared, cost: limit.cost };
  }
  const { name = nameOf(route), by = 'caller', cost = 1, whenGone = 'allow' } = limit;
  const { points, per } = limit;
  return { name, points, per, by: typeof by === 'string' ? [by] : by, cost, whenGone };
}

/** Whether it is known who calls when its guard has let them in. */
export function takesSignedIn({ guard }: Pick<Route, 'guard'>): boolean {
  return guard.scheme !== undefined;
}

function nameOf({ method, path }: Route): string {
  return `${method.toUpperCase()} ${path}`;
}

function problemsOf({ name, points, per, by, cost }: Policy, route: Route): string[] {
  const named = by.includes('user') || by.includes('account');
  const wrong: [boolean, string][] = [
    // A string of RFC 9651, section 3.3.3, that needs no escapes.
    [!/^[ !#-[\]-~]{1,100}$/.test(name), `“${name}” is not a name of plain ASCII`],
    [typeof points === 'number' && !isPoints(points), 'points are a whole number, or Infinity'],
    [!Number.isSafeInteger(per) || per < 1, 'per is a whole number of seconds'],
    [!Number.isSafeInteger(cost) || cost < 1, 'cost is a whole number from 1'],
    [typeof points === 'number' && cost > points, 'a call costs more than there is'],
    [by.length === 0, 'by names nobody'],
    [named && route.guard === open, 'nobody signs in for it, so it has neither user nor account'],
  ];
  return wrong.filter(([isWrong]) => isWrong).map(([, problem]) => problem);
}

function isPoints(points: number): boolean {
  return points === Infinity || (Number.isSafeInteger(points) && points >= 0);
}
