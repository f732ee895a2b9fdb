import type { Api } from './api/answer.ts';
import { day, hour } from './calendar.ts';
import type { FakeStripe, SeededPrice } from './fake-stripe.ts';
import { finishDelayedPayment, payCheckout } from './resources/checkout-payment.ts';
import { deleteCustomer } from './resources/customers.ts';
import { closeDispute, findDispute, openDispute } from './resources/disputes.ts';
import { findInvoice, payInvoice } from './resources/invoices.ts';
import { createPrice, createProduct } from './resources/products.ts';
import { createRefund, failRefund, findRefund, succeedRefund } from './resources/refunds.ts';
import { cancelSubscription } from './resources/subscription-ends.ts';
import {
  findSubscription,
  pauseSubscription,
  resumeSubscription,
} from './resources/subscriptions.ts';
import type { State } from './state.ts';
import { advanceTo } from './time.ts';
import type { WebhookSender } from './webhooks.ts';

/** What drives a Stripe of one's own from inside the process. */
export function controlsOf(
  api: Api,
  webhooks: WebhookSender,
  webhookSecret: string,
  close: () => Promise<void>,
): FakeStripe {
  const { state, faults } = api;
  return {
    get url() {
      return state.url;
    },
    secretKey: api.secretKey,
    webhookSecret,
    objects: state,
    get events() {
      return [...state.events.values()];
    },
    requests: api.requests,
    webhooks,
    now: () => new Date(state.now() * 1000),

    deliverTo: (url, secret = webhookSecret) => webhooks.deliverTo({ url, secret }),
    settled: webhooks.settled,

    addPrice: (price) => addPrice(state, price),
    pay: (sessionId, { delayed = false } = {}) => payCheckout(state, sessionId, delayed),
    finishDelayedPayment: (sessionId, outcome) => finishDelayedPayment(state, sessionId, outcome),
    advance: ({ days = 0, hours = 0 }) => advanceTo(state, state.now() + days * day + hours * hour),
    declineCards: (customer) => void state.cards.set(customer, 'declines'),
    acceptCards: (customer) => void state.cards.delete(customer),
    askForConfirmation: (customer) => void state.cards.set(customer, 'asks'),
    afterRetries: (status) => {
      state.afterRetries = status;
    },
    payInvoice: (id) => {
      const invoice = findInvoice(state, id);
      payInvoice(state, invoice, true);
      return invoice;
    },
    subscriptions: {
      cancel: (id) => cancelSubscription(state, findSubscription(state, id)),
      pause: (id) => pauseSubscription(state, findSubscription(state, id)),
      resume: (id) => resumeSubscription(state, findSubscription(state, id)),
    },
    portal: {
      remove: (isMissing) => {
        state.portalIsMissing = isMissing;
      },
    },
    customers: { delete: (id) => void deleteCustomer(state, id) },
    refunds: {
      create: (charge, amount) =>
        createRefund(state, { charge, ...(amount !== undefined && { amount: String(amount) }) }),
      wait: (on) => {
        state.refundsWait = on;
      },
      lackBalance: (lacks) => {
        state.lacksBalance = lacks;
      },
      succeed: (id) => succeedRefund(state, findRefund(state, id)),
      fail: (id, reason) => failRefund(state, findRefund(state, id), reason),
    },
    disputes: {
      open: (charge, reason = 'fraudulent') => openDispute(state, charge, reason),
      close: (id, outcome) => closeDispute(state, findDispute(state, id), outcome),
    },

    fail: faults.add,
    get faults() {
      return faults.left();
    },
    heal: faults.clear,
    slowDown: (milliseconds) => {
      api.latency = milliseconds;
    },
    close,
  };
}

function addPrice(state: State, price: SeededPrice): ReturnType<typeof createPrice> {
  const { productName: name, lookupKey, unitAmount, currency, interval, plan } = price;
  const there = [...state.prices.values()].find((known) => known.lookup_key === lookupKey);
  const isSame =
    there?.unit_amount === unitAmount &&
    there.currency === currency &&
    there.recurring?.interval === interval;
  if (there && isSame) return there;

  const products = [...state.products.values()];
  const product =
    products.find((candidate) => candidate.name === name) ?? createProduct(state, { name });
  return createPrice(state, {
    product: product.id,
    lookup_key: lookupKey,
    transfer_lookup_key: 'true',
    unit_amount: String(unitAmount),
    currency,
    recurring: { interval },
    nickname: name,
    ...(plan !== undefined && { metadata: { plan } }),
  });
}
