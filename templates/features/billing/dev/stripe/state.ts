import { randomBytes } from 'node:crypto';
import type { Stripe } from 'stripe';
import type { KnownAnswer } from './api/idempotency.ts';

/** How a customer's card takes the next payment. */
export type CardBehavior = 'pays' | 'declines' | 'asks';

/** Everything that the fake knows: objects as Stripe shows them, in the order they were made. */
export interface Tables {
  readonly customers: Map<string, Stripe.Customer>;
  readonly deletedCustomers: Map<string, Stripe.DeletedCustomer>;
  readonly products: Map<string, Stripe.Product>;
  readonly prices: Map<string, Stripe.Price>;
  readonly paymentMethods: Map<string, Stripe.PaymentMethod>;
  readonly sessions: Map<string, Stripe.Checkout.Session>;
  readonly subscriptions: Map<string, Stripe.Subscription>;
  readonly invoices: Map<string, Stripe.Invoice>;
  readonly invoicePayments: Map<string, Stripe.InvoicePayment>;
  readonly paymentIntents: Map<string, Stripe.PaymentIntent>;
  readonly charges: Map<string, Stripe.Charge>;
  readonly refunds: Map<string, Stripe.Refund>;
  readonly disputes: Map<string, Stripe.Dispute>;
  readonly portalSessions: Map<string, Stripe.BillingPortal.Session>;
  readonly events: Map<string, Stripe.Event>;
}

export interface State extends Tables {
  /** How cards behave that do not simply pay, by the customer's id. */
  readonly cards: Map<string, CardBehavior>;
  /** What was asked of a checkout session: what its subscription will be made from. */
  readonly orders: Map<string, Order>;
  /** Prorations that wait for the next invoice, by the subscription's id. */
  readonly pendingLines: Map<string, Stripe.InvoiceLineItem[]>;
  /** Subscriptions whose customer was told that the trial ends soon. */
  readonly trialsAnnounced: Set<string>;
  /** Ids of events that are still to be sent: kept back, or not taken yet. */
  readonly outgoing: Set<string>;
  /** What was answered to requests that had an idempotency key, by that key. */
  readonly answers: Map<string, KnownAnswer>;
  /** What happens to a subscription when the last retry of a payment has failed. */
  afterRetries: 'canceled' | 'unpaid' | 'past_due';
  /** Whether new refunds are `pending` until they are told how they went. */
  refundsWait: boolean;
  /** Whether new refunds are refused because the balance does not cover them. */
  lacksBalance: boolean;
  /** Whether the settings of the portal were never saved. */
  portalIsMissing: boolean;
  /** Where the fake listens; what its pages are linked by. */
  url: string;
  /** Seconds since 1970 by the fake's own clock. */
  readonly now: () => number;
  readonly setNow: (seconds: number) => void;
  /** Makes an event of what an object is now. */
  emit(type: Stripe.Event['type'], object: object, before?: object): void;
  /** Changes an object, and makes an event that says what it was before, unless nothing changes. */
  change<T extends object>(type: Stripe.Event['type'], object: T, changes: Partial<T>): void;
  /** Says of an object that was changed what it was before, by a snapshot of that. */
  changed(type: Stripe.Event['type'], object: object, before: Record<string, unknown>): void;
}

export interface Order {
  readonly items: readonly OrderedItem[];
  readonly trialDays: number;
  readonly metadata: Stripe.Metadata;
}

export interface OrderedItem {
  readonly price: Stripe.Price;
  readonly quantity: number;
}

/** What a request is told to hold beside the event that it causes. */
export interface Cause {
  readonly id: string | null;
  readonly idempotencyKey: string | null;
}

export interface StateOptions {
  /** Milliseconds since 1970 from which its clock starts to run. */
  readonly now: number;
  readonly apiVersion: string;
  readonly cause: () => Cause;
  readonly onEvent: (event: Stripe.Event) => void;
}

/** Makes an id like those of Stripe: `cus_…`. Two runs never make the same. */
export function newId(prefix: string): string {
  return `${prefix}_${randomBytes(12).toString('hex')}`;
}

/** A world without anything in it. */
export function createState({ now, apiVersion, cause, onEvent }: StateOptions): State {
  let ahead = now - Date.now();
  const tables = createTables();
  const state: State = {
    ...tables,
    cards: new Map(),
    orders: new Map(),
    pendingLines: new Map(),
    trialsAnnounced: new Set(),
    outgoing: new Set(),
    answers: new Map(),
    afterRetries: 'canceled',
    refundsWait: false,
    lacksBalance: false,
    portalIsMissing: false,
    url: '',
    now: () => Math.floor((Date.now() + ahead) / 1000),
    setNow: (seconds) => {
      ahead = seconds * 1000 - Date.now();
    },
    emit(type, object, before) {
      const { id, idempotencyKey } = cause();
      // A snapshot: what happens later must not show in it.
      const event = snapshot({
        id: newId('evt'),
        object: 'event',
        api_version: apiVersion,
        created: state.now(),
        data: { object, ...(before && { previous_attributes: before }) },
        livemode: false,
        // Whoever sends it counts its endpoints.
        pending_webhooks: 0,
        request: { id, idempotency_key: idempotencyKey },
        type,
      }) as unknown as Stripe.Event;
      tables.events.set(event.id, event);
      onEvent(event);
    },
    change(type, object, changes) {
      const before = snapshot(object);
      Object.assign(object, changes);
      state.changed(type, object, before);
    },
    changed(type, object, before) {
      const previous = differences(before, snapshot(object));
      if (Object.keys(previous).length > 0) state.emit(type, object, previous);
    },
  };
  return state;
}

function createTables(): Tables {
  return {
    customers: new Map(),
    deletedCustomers: new Map(),
    products: new Map(),
    prices: new Map(),
    paymentMethods: new Map(),
    sessions: new Map(),
    subscriptions: new Map(),
    invoices: new Map(),
    invoicePayments: new Map(),
    paymentIntents: new Map(),
    charges: new Map(),
    refunds: new Map(),
    disputes: new Map(),
    portalSessions: new Map(),
    events: new Map(),
  };
}

/** The id that stands for another object; an empty text where there is none. */
export function idOf(reference: string | { id: string } | null | undefined): string {
  return (typeof reference === 'string' ? reference : reference?.id) ?? '';
}

/** A copy as it would go over the wire. */
export function snapshot(value: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
}

function differences(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): Record<string, unknown> {
  const changed = Object.keys({ ...before, ...after }).filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
  return Object.fromEntries(changed.map((key) => [key, before[key] ?? null]));
}
