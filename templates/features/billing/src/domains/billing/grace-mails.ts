import { service } from '#app/service.ts';
import type { Mail } from '#app/platform/mail/mail.ts';
import { freePlan, plans, type PlanName } from './plans.ts';

/** What an account keeps for now though it owes a payment. */
export interface Grace {
  /** Key of the plan that it has. */
  readonly plan: PlanName | undefined;
  /** When that ends. */
  readonly until: Date;
}

/**
 * Tells an account that a payment failed, and until when it keeps what it has.
 *
 * @param about.page where it can pay
 */
export function paymentFailedMail(to: string, about: Grace & { readonly page: string }): Mail {
  return {
    to,
    subject: `A payment for ${service.name} did not succeed`,
    paragraphs: [
      `A payment for ${nameOf(about.plan)} at ${service.name} did not succeed. Please look at how you pay, and pay what is open:`,
      { link: about.page, label: 'Look at billing' },
      graceSentences(about),
      `If you have paid meanwhile, you need not do anything.`,
    ],
  };
}

/** What an account has until when, and what happens then. */
export function graceSentences({ plan, until }: Grace): string {
  return `Until ${dateOf(until)} you keep ${nameOf(plan)}. If nothing is paid by then, your account goes on with ${plans[freePlan].name}; nothing of what you made is removed.`;
}

function nameOf(plan: PlanName | undefined): string {
  return plan === undefined ? 'your plan' : plans[plan].name;
}

/** Such as 10 December 2026; a day has to be the same for everybody, so it is that in UTC. */
function dateOf(moment: Date): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(moment);
}
