import { paymentFailedMail } from '#app/domains/billing/grace-mails.ts';
import { confirmPaymentMail } from '#app/domains/billing/invoices/mails.ts';
import { billingLinks } from '#app/domains/billing/links.ts';
import { freePlan, plans, type PlanName } from '#app/domains/billing/plans.ts';
import { refundFailedMail, refundSentMail } from '#app/domains/billing/refunds/mails.ts';
import { subscriptionEndedMail, trialEndsMail } from '#app/domains/billing/subscriptions/mails.ts';
import { exampleOf, exampleOrigin, type MailExamples } from '../define-example.ts';

const isPaid = (name: PlanName): boolean => name !== freePlan;
const paidPlan = (Object.keys(plans) as PlanName[]).find(isPaid) ?? freePlan;
const plan = plans[paidPlan].name;
const day = new Date('2030-03-14T09:00:00Z');
const grace = { plan: paidPlan, until: day };
const { page } = billingLinks(exampleOrigin);
const url = 'https://invoice.stripe.com/i/acct_1Example/live_Example?s=ap';

export const billingMails: MailExamples = {
  title: 'Billing',
  mails: [
    exampleOf('trial-ends', trialEndsMail, { plan, end: day }),
    exampleOf('subscription-ended', subscriptionEndedMail, { plan }),
    exampleOf('payment-failed', paymentFailedMail, { ...grace, page }),
    exampleOf('confirm-payment', confirmPaymentMail, { amount: '€29.00', url, grace: undefined }),
    exampleOf('confirm-owed-payment', confirmPaymentMail, { amount: '€29.00', url, grace }),
    exampleOf('refund-sent', refundSentMail, { amount: '€29.00' }),
    exampleOf('refund-failed', refundFailedMail, { amount: '€29.00' }),
  ],
};
