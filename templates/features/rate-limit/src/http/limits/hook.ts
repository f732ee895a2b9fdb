import type { HookOf, OpenHook } from '../hook.ts';
import type { Route } from '../route.ts';
import { charger, type ChargeDeps } from './charge.ts';
import { quotaExceeded } from './errors.ts';
import { policiesOf, standardLimits, takesSignedIn, type Points, type Policy } from './policy.ts';
import type { LimitSettings } from './settings.ts';
import { unlimited } from './unlimited.ts';

/** Holds the limits of every route. */
export const limits: OpenHook = (services) =>
  limitHook(services, services.settings.RATE_LIMIT_POINTS);

/**
 * The same, with other points for those who are signed in.
 *
 * What is counted by the address alone is counted before the guard, the rest when it is known who
 * calls. A call that is refused has cost nothing but what was counted before.
 */
export function limitHook(deps: ChargeDeps & { settings: LimitSettings }, points: Points): HookOf {
  const paths = new Set<string>(Object.values(unlimited));
  const standard = standardLimits(deps.settings, points);
  const known = new Map<string, Policy>();
  const charge = charger(deps);

  return (route) => {
    const policies = paths.has(route.path) ? [] : policiesOf(route, standard);
    if (policies.length === 0) return undefined;
    for (const policy of policies) refuseOther(known, policy, route);
    const { before = [], after = [] } = Object.groupBy(policies, (policy) =>
      isByAddress(policy, route) ? 'before' : 'after',
    );
    return {
      errors: [quotaExceeded],
      ...(before.length > 0 && { beforeGuard: (request) => charge(before, request) }),
      ...(after.length > 0 && {
        afterGuard: (request, identity) => charge(after, request, identity),
      }),
    };
  };
}

/** Whether it is known before the guard by whom a call is counted. */
function isByAddress({ by }: Policy, route: Route): boolean {
  return by.every((each) => each === 'ip' || (each === 'caller' && !takesSignedIn(route)));
}

/** @throws Error where two routes mean different limits by one name, which have one count */
function refuseOther(known: Map<string, Policy>, policy: Policy, route: Route): void {
  const other = known.get(policy.name) ?? policy;
  known.set(policy.name, other);
  const rules = rulesOf(other);
  if (rulesOf(policy).every((rule, index) => rule === rules[index])) return;
  throw new Error(`The limit “${policy.name}” of ${route.path} is another on another route.`);
}

function rulesOf({ points, per, by, whenGone }: Policy): unknown[] {
  return [points, per, by.join(' '), whenGone];
}
