import { z } from 'zod';
import { signedIn } from '#app/domains/auth/guard.ts';
import type { AuthService } from '#app/domains/auth/service.ts';
import { json, reply, route, type Route } from '#app/http/route.ts';
import {
  billingNotConfigured,
  notSubscribed,
  paymentFailed,
  paymentOwed,
  stripeUnavailable,
} from '../errors.ts';
import { endOfGrace } from '../grace-policy.ts';
import { freePlan } from '../plans.ts';
import { ChangePreview, PlanChange, Subscription } from '../schemas.ts';
import type { BillingService } from '../service.ts';
import type { ChangePreview as Preview } from './change.ts';
import { planOf, type CurrentSubscription } from './current.ts';

/** What an account pays for, and how that is changed. */
export function subscriptionRoutes(
  { subscriptions }: Pick<BillingService, 'subscriptions'>,
  auth: AuthService,
): Route[] {
  const errors = [notSubscribed, stripeUnavailable, billingNotConfigured];
  return [
    route({
      method: 'get',
      path: '/v1/billing/subscription',
      summary: 'Show the subscription',
      guard: signedIn(auth),
      answers: { 200: json(Subscription) },
      handler: async ({ identity }) =>
        reply(200, present(await subscriptions.current(identity.accountId))),
    }),
    route({
      method: 'post',
      path: '/v1/billing/subscription/cancel',
      summary: 'End the subscription with the period that is paid for',
      guard: signedIn(auth),
      sensitive: true,
      answers: { 200: json(Subscription) },
      errors,
      handler: async ({ identity }) =>
        reply(200, present(await subscriptions.cancel(identity.accountId))),
    }),
    route({
      method: 'post',
      path: '/v1/billing/subscription/resume',
      summary: 'Take back that the subscription ends, or is paused',
      guard: signedIn(auth),
      sensitive: true,
      answers: { 200: json(Subscription) },
      errors: [...errors, paymentFailed],
      handler: async ({ identity }) =>
        reply(200, present(await subscriptions.resume(identity.accountId))),
    }),
    route({
      method: 'post',
      path: '/v1/billing/subscription/change',
      summary: 'Change the plan, or say what that would cost',
      guard: signedIn(auth),
      sensitive: true,
      body: json(PlanChange),
      answers: { 200: json(z.union([ChangePreview, Subscription])) },
      errors: [...errors, paymentFailed, paymentOwed],
      handler: async ({ identity: { accountId }, body: { preview, prorationDate, ...choice } }) => {
        const date = prorationDate === undefined ? undefined : new Date(prorationDate);
        const change = { ...choice, prorationDate: date };
        return preview
          ? reply(200, presentPreview(await subscriptions.previewChange(accountId, change)))
          : reply(200, present(await subscriptions.change(accountId, change)));
      },
    }),
  ];
}

function present(subscription: CurrentSubscription | undefined) {
  if (subscription === undefined) return none;
  const { plan, status, interval, quantity, pastDueSince } = subscription;
  const isInGrace = status === 'past_due' && pastDueSince !== null;
  return {
    plan,
    subscribedPlan: planOf(subscription) ?? null,
    status,
    interval,
    quantity,
    currentPeriodEnd: wireDate(subscription.currentPeriodEnd),
    cancelAt: wireDate(subscription.cancelAt),
    trialEnd: wireDate(subscription.trialEnd),
    pastDueSince: wireDate(pastDueSince),
    graceEnd: isInGrace ? wireDate(endOfGrace(pastDueSince)) : null,
  };
}

function presentPreview({ prorationDate, ...preview }: Preview) {
  return { ...preview, prorationDate: wireDate(prorationDate) };
}

function wireDate(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}

const none = {
  plan: freePlan,
  subscribedPlan: null,
  status: null,
  interval: null,
  quantity: null,
  currentPeriodEnd: null,
  cancelAt: null,
  trialEnd: null,
  pastDueSince: null,
  graceEnd: null,
};
