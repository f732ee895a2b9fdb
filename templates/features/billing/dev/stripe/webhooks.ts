import { setTimeout as delay } from 'node:timers/promises';
import { Stripe } from 'stripe';
import type { State } from './state.ts';

/** Where events are sent to. */
export interface Endpoint {
  /** A function where it can change. */
  readonly url: string | (() => string);
  readonly secret: string;
}

/** One attempt to deliver an event. */
export interface Delivery {
  readonly event: string;
  readonly type: string;
  readonly url: string;
  /** The status that was answered; undefined where nothing was. */
  readonly status: number | undefined;
}

export interface Webhooks {
  /** Every attempt so far. */
  readonly attempts: readonly Delivery[];
  /** How many times each event is sent. */
  readonly copies: number;
  /** How many deliveries are kept back; undefined where none is. */
  readonly held: number | undefined;
  /** How many events are still to be lost. */
  readonly toLose: number;
  /** Sends each event from now on that many times. */
  duplicate(copies: number): void;
  /** Keeps events back from now on. */
  hold(): void;
  /** Sends what was kept back, and what comes from now on; in the order of a seed, where there is one. */
  release(seed?: number): void;
  /** Loses the next events, of one type where it is given, as if Stripe never sent them. */
  drop(times: number, type?: Stripe.Event['type']): void;
  /** Whether what was not answered with a 2xx is sent again. It is, unless told otherwise. */
  retry(again: boolean): void;
  /** Sends an event again. */
  send(event: Stripe.Event): void;
  /** What Stripe would send: the body, and the header that signs it. */
  sign(event: Stripe.Event, secret?: string): Signed;
}

export interface WebhookSender extends Webhooks {
  readonly deliverTo: (endpoint: Endpoint) => void;
  readonly emitted: (event: Stripe.Event) => void;
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Milliseconds that an endpoint may take to answer. */
const patience = 10_000;

export interface SenderOptions {
  /** Its events, and which of them are still to be sent. */
  readonly state: Pick<State, 'events' | 'outgoing'>;
  readonly secret: string;
  /** Milliseconds until an event that was not taken is sent again. */
  readonly firstWaitMs: number;
  /** Called when the state has changed by a delivery. */
  readonly onDelivered: () => void;
}

interface Receiver {
  readonly endpoint: Endpoint;
  /** Ids of the events that it was answered a 2xx for. */
  readonly taken: Set<string>;
}

/**
 * Sends events to endpoints, and again until they are taken, waiting longer each time. What was still
 * to be sent when it is made goes to each endpoint as soon as that is there.
 */
export function createWebhookSender(options: SenderOptions): WebhookSender {
  const { state, secret, firstWaitMs, onDelivered } = options;
  const leftOver = [...state.outgoing].flatMap((id) => state.events.get(id) ?? []);
  const receivers: Receiver[] = [];
  const attempts: Delivery[] = [];
  const underway = new Set<Promise<void>>();
  const closing = new AbortController();
  let held: Stripe.Event[] | undefined;
  let copies = 1;
  let dropped: { times: number; type: string | undefined } | undefined;
  let retries = true;

  async function deliver(event: Stripe.Event, receiver: Receiver): Promise<void> {
    const { endpoint } = receiver;
    for (let wait = firstWaitMs; !closing.signal.aborted; wait = Math.min(wait * 2, 30_000)) {
      const url = typeof endpoint.url === 'string' ? endpoint.url : endpoint.url();
      const status = await post(url, signed(event, endpoint.secret), closing.signal);
      attempts.push({ event: event.id, type: event.type, url, status });
      if (status !== undefined && status >= 200 && status < 300) return markTaken(event, receiver);
      if (!retries) return void state.outgoing.delete(event.id);
      await delay(wait, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  /** What a test has made is sent as well, and known to nobody. */
  function markTaken({ id }: Stripe.Event, { taken }: Receiver): void {
    const known = state.events.get(id);
    if (known === undefined) return;
    if (!taken.has(id)) known.pending_webhooks = Math.max(0, known.pending_webhooks - 1);
    taken.add(id);
    if (known.pending_webhooks === 0) state.outgoing.delete(id);
    onDelivered();
  }

  function sendTo(receiver: Receiver, event: Stripe.Event): void {
    if (state.events.has(event.id)) state.outgoing.add(event.id);
    const delivery = deliver(event, receiver).finally(() => underway.delete(delivery));
    underway.add(delivery);
  }

  function send(event: Stripe.Event): void {
    for (const receiver of receivers) sendTo(receiver, event);
  }

  function keepBack(event: Stripe.Event, kept: Stripe.Event[]): void {
    kept.push(event);
    if (receivers.length > 0) state.outgoing.add(event.id);
  }

  function emitted(event: Stripe.Event): void {
    event.pending_webhooks = receivers.length;
    if (dropped && dropped.times > 0 && (dropped.type ?? event.type) === event.type) {
      dropped.times -= 1;
      return;
    }
    for (let copy = 0; copy < copies; copy += 1) {
      if (held) keepBack(event, held);
      else send(event);
    }
  }

  return {
    attempts,
    get copies() {
      return copies;
    },
    get held() {
      return held?.length;
    },
    get toLose() {
      return dropped?.times ?? 0;
    },
    emitted,
    send,
    deliverTo(endpoint) {
      const receiver: Receiver = { endpoint, taken: new Set() };
      receivers.push(receiver);
      for (const event of leftOver) sendTo(receiver, event);
    },
    duplicate: (times) => {
      copies = times;
    },
    hold: () => {
      held ??= [];
    },
    release(seed) {
      const kept = held ?? [];
      held = undefined;
      for (const event of seed === undefined ? kept : shuffled(kept, seed)) send(event);
    },
    drop: (times, type) => {
      dropped = { times, type };
    },
    retry: (again) => {
      retries = again;
    },
    sign: (event, by = secret) => signed(event, by),
    async settled() {
      while (underway.size > 0) await Promise.all(underway);
    },
    async close() {
      closing.abort();
      await Promise.all(underway);
    },
  };
}

interface Signed {
  readonly body: string;
  readonly signature: string;
}

function signed(event: Stripe.Event, secret: string): Signed {
  const body = JSON.stringify(event);
  return { body, signature: Stripe.webhooks.generateTestHeaderString({ payload: body, secret }) };
}

/** Posts an event once. The status that was answered, if any. */
async function post(
  url: string,
  { body, signature }: Signed,
  ending: AbortSignal,
): Promise<number | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([ending, AbortSignal.timeout(patience)]),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return undefined;
  }
}

/** An order that only depends on the seed. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const order = [...items];
  let state = seed >>> 0;
  for (let last = order.length - 1; last > 0; last -= 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (last + 1));
    const moved = order[last] as T;
    order[last] = order[other] as T;
    order[other] = moved;
  }
  return order;
}
