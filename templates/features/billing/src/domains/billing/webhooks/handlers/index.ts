import type { AnyHandler } from '../handler.ts';
import { chargeDisputeClosed } from './charge-dispute-closed.ts';
import { chargeDisputeCreated } from './charge-dispute-created.ts';
import { chargeRefunded } from './charge-refunded.ts';
import { checkoutSessionAsyncPaymentFailed } from './checkout-session-async-payment-failed.ts';
import { checkoutSessionAsyncPaymentSucceeded } from './checkout-session-async-payment-succeeded.ts';
import { checkoutSessionCompleted } from './checkout-session-completed.ts';
import { checkoutSessionExpired } from './checkout-session-expired.ts';
import { customerDeleted } from './customer-deleted.ts';
import { customerSubscriptionCreated } from './customer-subscription-created.ts';
import { customerSubscriptionDeleted } from './customer-subscription-deleted.ts';
import { customerSubscriptionPaused } from './customer-subscription-paused.ts';
import { customerSubscriptionResumed } from './customer-subscription-resumed.ts';
import { customerSubscriptionTrialWillEnd } from './customer-subscription-trial-will-end.ts';
import { customerSubscriptionUpdated } from './customer-subscription-updated.ts';
import { customerUpdated } from './customer-updated.ts';
import { invoiceFinalized } from './invoice-finalized.ts';
import { invoiceMarkedUncollectible } from './invoice-marked-uncollectible.ts';
import { invoicePaid } from './invoice-paid.ts';
import { invoicePaymentActionRequired } from './invoice-payment-action-required.ts';
import { invoicePaymentFailed } from './invoice-payment-failed.ts';
import { invoiceVoided } from './invoice-voided.ts';
import { refundFailed } from './refund-failed.ts';
import { refundUpdated } from './refund-updated.ts';

/** The events that something is done about, and why. Any other is stored and left at that. */
export const handlers: readonly AnyHandler[] = [
  checkoutSessionCompleted, // somebody has paid, or will: provisions though the tab was closed
  checkoutSessionAsyncPaymentSucceeded, // a bank has paid, days after the checkout
  checkoutSessionAsyncPaymentFailed, // or has not
  checkoutSessionExpired, // the account may begin another

  customerSubscriptionCreated, // also one that was made at Stripe itself
  customerSubscriptionUpdated, // renewed, changed, past due, to be cancelled, paid again
  customerSubscriptionDeleted, // it has ended: tells the customer
  customerSubscriptionPaused, // a trial ended, and there is nothing to pay with
  customerSubscriptionResumed, // there is now
  customerSubscriptionTrialWillEnd, // in three days: tells the customer

  invoiceFinalized, // it can be paid: the customer sees it among the invoices
  invoicePaid, // money has come: what is bought with it is given once
  invoicePaymentFailed, // the subscription owes a payment, and grace begins
  invoicePaymentActionRequired, // the bank asks its customer: tells where to confirm
  invoiceVoided, // nobody has to pay it any more
  invoiceMarkedUncollectible, // nobody expects that it will be paid

  chargeRefunded, // money went back, whoever asked for it
  refundUpdated, // a refund of ours has come through, or not yet
  refundFailed, // the bank has sent it back: the money is here again
  chargeDisputeCreated, // a customer wants money back through the bank
  chargeDisputeClosed, // and has got it, or not

  customerUpdated, // links a customer whose making was not heard
  customerDeleted, // its subscriptions end with it, and nobody can pay on its pages
];
