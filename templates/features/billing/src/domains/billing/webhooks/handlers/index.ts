import type { Handler } from '../handler.ts';
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

/** The events that something is done about, and why. Any other is stored and left at that. */
export const handlers: readonly Handler[] = [
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

  customerUpdated, // links a customer whose making was not heard
  customerDeleted, // its subscriptions end with it, and nobody can pay on its pages
];
