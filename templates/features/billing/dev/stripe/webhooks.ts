import { setTimeout as delay } from 'node:timers/promises';
import { Stripe } from 'stripe';

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

/** Sends events to endpoints, and again until they are taken, waiting longer each time. */
export function createWebhookSender(secret: string, firstWaitMs: number): WebhookSender {
  const endpoints: Endpoint[] = [];
  const attempts: Delivery[] = [];
  const underway = new Set<Promise<void>>();
  const closing = new AbortController();
  let held: Stripe.Event[] | undefined;
  let copies = 1;
  let dropped: { times: number; type: string | undefined } | undefined;
  let retries = true;

  async function deliver(event: Stripe.Event, endpoint: Endpoint): Promise<void> {
    for (let wait = firstWaitMs; !closing.signal.aborted; wait = Math.min(wait * 2, 30_000)) {
      const url = typeof endpoint.url === 'string' ? endpoint.url : endpoint.url();
      const status = await post(url, signed(event, endpoint.secret), closing.signal);
      attempts.push({ event: event.id, type: event.type, url, status });
      if (status !== undefined && status >= 200 && status < 300) return;
      if (!retries) return;
      await delay(wait, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  function send(event: Stripe.Event): void {
    for (const endpoint of endpoints) {
      const delivery = deliver(event, endpoint).finally(() => underway.delete(delivery));
      underway.add(delivery);
    }
  }

  function emitted(event: Stripe.Event): void {
    if (dropped && dropped.times > 0 && (dropped.type ?? event.type) === event.type) {
      dropped.times -= 1;
      return;
    }
    for (let copy = 0; copy < copies; copy += 1) {
      if (held) held.push(event);
      else send(event);
    }
  }

  return {
    attempts,
    emitted,
    send,
    deliverTo: (endpoint) => void endpoints.push(endpoint),
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
