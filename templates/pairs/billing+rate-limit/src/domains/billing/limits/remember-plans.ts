import { isDatabaseUnavailable } from '#app/database/errors.ts';
import type { Entitlements } from '../entitlements.ts';
import { freePlan, type PlanName } from '../plans.ts';

/** Milliseconds for which the plan of an account is taken for what it was. */
const memory = 5000;
/** Accounts whose plans are remembered. */
const most = 10_000;

interface Remembered {
  readonly plan: Promise<PlanName>;
  /** By `performance.now()`. */
  readonly until: number;
}

/**
 * Tells plans at no more than one query an account every few seconds. While the database is away, an
 * account has the plan that it had, or the free one.
 *
 * @param milliseconds for which a plan is taken for what it was
 */
export function rememberPlans(
  { planOf }: Pick<Entitlements, 'planOf'>,
  milliseconds = memory,
): (accountId: string) => Promise<PlanName> {
  const plans = new Map<string, Remembered>();

  async function read(accountId: string, before: Remembered | undefined): Promise<PlanName> {
    try {
      return await planOf(accountId);
    } catch (error) {
      if (isDatabaseUnavailable(error)) return before?.plan ?? freePlan;
      plans.delete(accountId);
      throw error;
    }
  }

  return (accountId) => {
    const before = plans.get(accountId);
    if (before !== undefined && performance.now() < before.until) return before.plan;
    const plan = read(accountId, before);
    // As the newest: those that were not asked for are the oldest.
    plans.delete(accountId);
    plans.set(accountId, { plan, until: performance.now() + milliseconds });
    const [oldest] = plans.keys();
    if (plans.size > most && oldest !== undefined) plans.delete(oldest);
    return plan;
  };
}
