import { service } from '#app/service.ts';
import type { Mail } from '#app/platform/mail/mail.ts';
import { freePlan, plans, type PlanName } from './plans.ts';

/**
 * Tells an account that a payment failed, and until when it keeps what it has.
 *
 * @param about.plan key of the plan that it has
 * @param about.until when that ends
 * @param about.page where it can pay
 */
export function paymentFailedMail(
  to: string,
  about: { plan: PlanName | undefined; until: Date; page: string },
): Mail {
  const { until, page } = about;
  const plan = nameOf(about.plan);
  const paragraphs = [
    `A payment for ${plan} at ${service.name} did not succeed. Please look at how you pay, and pay what is open:`,
    page,
    `Until ${dateOf(until)} you keep ${plan}. If nothing is paid by then, your account goes on with ${plans[freePlan].name}; nothing of what you made is removed.`,
    `If you have paid meanwhile, you need not do anything.`,
  ];
  return {
    to,
    subject: `A payment for ${service.name} did not succeed`,
    text: paragraphs.join('\n\n'),
  };
}

function nameOf(plan: PlanName | undefined): string {
  return plan === undefined ? 'your plan' : plans[plan].name;
}

/** Such as 10 December 2026; a day has to be the same for everybody, so it is that in UTC. */
function dateOf(moment: Date): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(moment);
}
