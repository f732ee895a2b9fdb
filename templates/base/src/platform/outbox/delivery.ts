import type { z } from 'zod';
import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import type { Settings } from '#app/settings.ts';
import type { Mailer } from '../mail/mail.ts';

/** One kind of thing that is done outside the database. */
export interface Delivery<Payload> {
  /** Stable: rows that wait are found by it. At most 50 characters. */
  readonly kind: string;
  readonly payload: z.ZodType<Payload>;
  /**
   * Does it. It may be done again although it was done before, if the process or the database ends
   * before that is written down: pass the key on, so that the receiver can tell.
   *
   * @throws DeliveryError; anything else that is thrown counts as an attempt too
   */
  deliver(payload: Payload, attempt: Attempt): Promise<void>;
}

export interface Attempt {
  /** The same for every attempt, and for nothing else. */
  readonly key: string;
  /** Aborted when the attempt has to end. */
  readonly signal: AbortSignal;
  readonly services: DeliveryServices;
}

/** What a delivery can work with. */
export interface DeliveryServices {
  readonly settings: Settings;
  readonly log: Log;
  readonly database: Database;
  readonly mailer: Mailer;
}

export function defineDelivery<Payload>(delivery: Delivery<Payload>): Delivery<Payload> {
  return delivery;
}

/** An attempt failed. The message is kept and logged, so it holds nothing of the payload. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  /** Whether another attempt would fail as well. */
  readonly permanent: boolean;

  constructor(message: string, { permanent = false }: { permanent?: boolean } = {}) {
    super(message);
    this.permanent = permanent;
  }
}
