import { sendMail } from '#app/platform/mail/send-mail.ts';
import { contactsOf } from '../contacts.ts';
import { firstTime } from '../effects.ts';
import { plans } from '../plans.ts';
import type { HandlerContext } from '../webhooks/handler.ts';
import { currentSubscriptionOf, planOf, type SubscriptionRow } from './current.ts';
import { subscriptionEndedMail, trialEndsMail } from './mails.ts';

type Context = Pick<HandlerContext, 'tx' | 'outbox'>;

/** Tells once that a trial ends soon, and is paid for from then on. */
export async function tellOfTrialEnd(context: Context, row: SubscriptionRow): Promise<void> {
  const { tx, outbox } = context;
  const { accountId, stripeSubscriptionId, status, trialEnd: end, cancelAt } = row;
  // Over by now, or not to be paid for.
  if (status !== 'trialing' || end === null || cancelAt !== null) return;
  if (!(await firstTime(tx, accountId, `trial_will_end:${stripeSubscriptionId}`))) return;
  for (const to of await contactsOf(tx, accountId)) {
    await sendMail(outbox, tx, trialEndsMail(to, { plan: nameOf(row), end }));
  }
}

/** Tells once that a subscription has ended, unless another has taken its place. */
export async function tellOfEnd(context: Context, row: SubscriptionRow): Promise<void> {
  const { tx, outbox } = context;
  const { accountId, stripeSubscriptionId, status } = row;
  if (status !== 'canceled') return;
  if ((await currentSubscriptionOf(tx, accountId)) !== undefined) return;
  if (!(await firstTime(tx, accountId, `subscription_ended:${stripeSubscriptionId}`))) return;
  for (const to of await contactsOf(tx, accountId)) {
    await sendMail(outbox, tx, subscriptionEndedMail(to, { plan: nameOf(row) }));
  }
}

function nameOf(row: SubscriptionRow): string {
  const plan = planOf(row);
  return plan === undefined ? 'the plan that you chose' : plans[plan].name;
}
