import { z } from 'zod';
import { intervals } from './define-plans.ts';
import { freePlan, plans, type PlanName } from './plans.ts';

const sold = Object.keys(plans).filter((plan): plan is PlanName => plan !== freePlan);

export const PlanChoice = z
  .strictObject({
    plan: z.enum(sold),
    interval: z.enum(intervals),
    quantity: z.int().min(1).max(100_000).optional().describe('Seats, of a plan that has them.'),
  })
  .meta({ id: 'BillingPlanChoice' });

export const PlanChange = PlanChoice.extend({
  preview: z.boolean().default(false).describe('Whether only to say what it would cost.'),
  prorationDate: z.iso
    .datetime()
    .optional()
    .describe('That of a preview, no older than an hour: then the change costs what was shown.'),
}).meta({ id: 'BillingPlanChange' });

export const CheckoutPage = z
  .object({
    id: z.uuid(),
    url: z.url().describe('The page at Stripe on which one pays.'),
  })
  .meta({ id: 'BillingCheckoutPage' });

export const PortalPage = z
  .object({ url: z.url().describe('The page at Stripe; good for a few minutes.') })
  .meta({ id: 'BillingPortalPage' });

export const Subscription = z
  .object({
    plan: z.string().describe('What the account has now: the free plan where nothing is paid for.'),
    subscribedPlan: z
      .string()
      .nullable()
      .describe('What the subscription is for, paid or not; null where no plan has its price.'),
    status: z
      .string()
      .nullable()
      .describe('As Stripe has it, such as active; null where there is no subscription.'),
    interval: z.enum(intervals).nullable(),
    quantity: z.int().nullable(),
    currentPeriodEnd: z.iso.datetime().nullable(),
    cancelAt: z.iso.datetime().nullable().describe('When it ends by itself.'),
    trialEnd: z.iso.datetime().nullable(),
    pastDueSince: z.iso.datetime().nullable().describe('Since when payment is owed.'),
    graceEnd: z.iso.datetime().nullable().describe('Until when the plan is kept without payment.'),
  })
  .meta({ id: 'BillingSubscription' });

export const ChangePreview = z
  .object({
    currency: z.string(),
    amountDueNow: z.int().describe('In the smallest unit of the currency.'),
    nextAmount: z.int().nullable().describe('Of the next invoice; null where none comes.'),
    prorationDate: z.iso
      .datetime()
      .nullable()
      .describe('The moment that it was reckoned for, to be sent back with the change.'),
  })
  .meta({ id: 'BillingChangePreview' });
