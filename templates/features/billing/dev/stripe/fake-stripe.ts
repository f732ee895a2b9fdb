import type { Stripe } from 'stripe';
import type { RequestRecord } from './api/answer.ts';
import type { Fault } from './faults.ts';
import type { CardBehavior, Tables } from './state.ts';
import type { Endpoint, Webhooks } from './webhooks.ts';

/** A price that is there from the start, with a product of its own for each name. */
export interface SeededPrice {
  readonly lookupKey: string;
  /** In the smallest unit of the currency. */
  readonly unitAmount: number;
  readonly currency: string;
  readonly interval: 'day' | 'week' | 'month' | 'year';
  readonly productName: string;
  /** What its metadata says of its plan. */
  readonly plan?: string;
}

export interface FakeStripeOptions {
  /** 0, which is the default, takes a free one. */
  readonly port?: number;
  readonly prices?: readonly SeededPrice[];
  readonly webhook?: Endpoint;
  /**
   * A file that its state is read from and kept in: whatever was answered is there, also after the
   * process was killed. Without it, all is gone with `close`.
   */
  readonly file?: string;
  /** When its clock starts; now where it is not given. */
  readonly now?: Date;
  /** Milliseconds until an event that was not taken is sent again; doubled each time. */
  readonly retryAfterMs?: number;
}

/** A Stripe of one's own: an API on loopback whose state can be looked at and driven. */
export interface FakeStripe {
  /** For STRIPE_API_BASE. */
  readonly url: string;
  /** For STRIPE_SECRET_KEY. */
  readonly secretKey: string;
  /** For STRIPE_WEBHOOK_SECRETS. */
  readonly webhookSecret: string;
  /** Every object that is there, by its id. To be read only. */
  readonly objects: Readonly<Tables>;
  /** All events so far, the oldest first, whether they were sent or not. */
  readonly events: readonly Stripe.Event[];
  /** Every request of the API so far. */
  readonly requests: readonly RequestRecord[];
  readonly webhooks: Webhooks;
  /** When it is, by its own clock. */
  now(): Date;

  /** Sends events there from now on, signed by a secret: its own where none is given. */
  deliverTo(url: string | (() => string), secret?: string): void;
  /**
   * Fulfilled when everything sent was answered with a 2xx, or given up where retries are off.
   * What is held back is not waited for.
   */
  settled(): Promise<void>;

  /**
   * Adds a price unless one like it has its lookup key, and its product unless one has that name.
   * Another price that has the key loses it.
   */
  addPrice(price: SeededPrice): Stripe.Price;
  /** Pays a checkout as its customer would: makes the subscription and its first invoice. */
  pay(sessionId: string, options?: { delayed?: boolean }): Stripe.Checkout.Session;
  /** Ends the wait for a payment that was `delayed`. */
  finishDelayedPayment(sessionId: string, outcome: 'succeeded' | 'failed'): void;
  /** Lets time pass on its clock, with everything that falls due: renewals, trials, retries. */
  advance(time: { days?: number; hours?: number }): void;
  /** The customer's cards decline from now on; `pays` again with `acceptCards`. */
  declineCards(customerId: string): void;
  acceptCards(customerId: string): void;
  /** The customer's bank asks them to confirm each payment from now on. */
  askForConfirmation(customerId: string): void;
  /** What becomes of a subscription whose last retry failed: `canceled`, as Stripe's default is. */
  afterRetries(status: 'canceled' | 'unpaid' | 'past_due'): void;
  /** Pays an open invoice with the customer's card, as from Stripe's page of that invoice. */
  payInvoice(invoiceId: string): Stripe.Invoice;
  readonly subscriptions: {
    /** Ends it now, as from Stripe's dashboard. */
    cancel(id: string): void;
    /** Its status becomes `paused`. (A pause of collection alone is an update by the API.) */
    pause(id: string): void;
    resume(id: string): void;
  };
  readonly portal: {
    /** Whether from now on it is as before its settings were saved in the dashboard. */
    remove(isMissing: boolean): void;
  };
  readonly customers: { delete(id: string): void };
  readonly refunds: {
    /** Makes one as from Stripe's dashboard; of all that is left where no amount is given. */
    create(chargeId: string, amount?: number): Stripe.Refund;
    /** Whether refunds from now on are `pending` until `succeed` or `fail`. */
    wait(on: boolean): void;
    /** Whether the balance covers no refund from now on. */
    lackBalance(lacks: boolean): void;
    succeed(id: string): void;
    /** The bank says that it could not take the money back. */
    fail(id: string, reason?: string): void;
  };
  readonly disputes: {
    open(chargeId: string, reason?: string): Stripe.Dispute;
    close(id: string, outcome: 'won' | 'lost'): void;
  };

  /** Requests to the API go wrong. */
  fail(fault: Fault): void;
  /** How many requests are still to go wrong. */
  readonly faults: number;
  /** Ends every fault that is still to come. */
  heal(): void;
  /** Every answer takes that long from now on. */
  slowDown(milliseconds: number): void;
  close(): Promise<void>;
}

export type { CardBehavior, Endpoint, Fault, RequestRecord };
