import type { Stripe } from 'stripe';
import type { Transaction } from '#app/database/transaction.ts';
import type { Log } from '#app/log.ts';
import type { Outbox } from '#app/platform/outbox/outbox.ts';

/** What a handler works with. Whatever it does is undone if it throws, and tried again. */
export interface HandlerContext {
  /** Commits together with the event's `processed`. */
  readonly tx: Transaction;
  /** Pass `whileLocked` with each request. Only read: a write cannot be undone. */
  readonly stripe: Stripe;
  readonly outbox: Outbox;
  readonly log: Log;
}

export type EventType = Stripe.Event['type'];
export type EventOf<Type extends EventType> = Extract<Stripe.Event, { type: Type }>;

/** What is done about one type of event. */
export interface Handler<Type extends EventType = EventType> {
  readonly type: Type;
  /**
   * Events come late, twice and out of order, so the payload only says what to look at: read the
   * object anew, under a lock, and write what it is now.
   */
  handle(event: EventOf<Type>, context: HandlerContext): Promise<void>;
}

/** One of several handlers, each for a type of its own. It gets no event of another. */
export interface AnyHandler {
  readonly type: EventType;
  handle(event: Stripe.Event, context: HandlerContext): Promise<void>;
}

export function defineHandler<const Type extends EventType>(handler: Handler<Type>): Handler<Type> {
  return handler;
}

/** An attempt failed. The message is kept and logged, so it holds nothing of a customer. */
export class HandlerError extends Error {
  override readonly name = 'HandlerError';
}
