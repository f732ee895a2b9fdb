import type { Licenses } from '#app/domains/licenses/service.ts';
import { planHolding } from '../entitlements.ts';
import { openBilling, type BillingService } from '../service.ts';
import { shareOf } from './plan-license.ts';

/** Opens billing, of which the features and seats are those of the license: also what was granted. */
export function openLicensedBilling({
  licenses,
  ...deps
}: Parameters<typeof openBilling>[0] & {
  licenses: Pick<Licenses, 'over'>;
}): Promise<BillingService> {
  return openBilling({
    ...deps,
    async readHolding(queries, accountId) {
      const holding = await planHolding(queries, accountId);
      const license = await licenses.over(shareOf(holding), queries, accountId);
      const limits = { ...holding.limits, seats: license.seats };
      return { ...holding, features: license.entitlements, limits };
    },
  });
}
