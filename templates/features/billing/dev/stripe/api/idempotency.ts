import { day } from '../calendar.ts';
import { Refusal } from './errors.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** Whether a request with the same key is to get it again. */
  readonly kept: boolean;
}

export interface Idempotency {
  /**
   * Answers a request as the first one with its key was answered, or carries it out.
   *
   * @param asked the method, path and parameters: what must be the same
   * @throws Refusal where they are not, or where the first is still underway
   */
  once(
    key: string,
    asked: string,
    carryOut: () => Promise<Answer>,
  ): Promise<{ answer: Answer; replayed: boolean }>;
}

const longestKey = 255;

/** Remembers answers for a day, as https://docs.stripe.com/api/idempotent_requests describes it. */
export function createIdempotency(now: () => number): Idempotency {
  const known = new Map<string, { asked: string; at: number; answer: Answer | undefined }>();
  return {
    async once(key, asked, carryOut) {
      if (key.length > longestKey) throw tooLong();
      const earlier = known.get(key);
      if (earlier && now() - earlier.at < day) {
        if (earlier.asked !== asked) throw otherRequest(key);
        if (!earlier.answer) throw underway(key);
        return { answer: earlier.answer, replayed: true };
      }
      const entry: { asked: string; at: number; answer: Answer | undefined } = {
        asked,
        at: now(),
        answer: undefined,
      };
      known.set(key, entry);
      try {
        entry.answer = await carryOut();
      } finally {
        if (!entry.answer?.kept) known.delete(key);
      }
      return { answer: entry.answer, replayed: false };
    },
  };
}

function tooLong(): Refusal {
  return new Refusal(400, {
    type: 'invalid_request_error',
    message: `Idempotency keys have ${longestKey} characters at most.`,
  });
}

function otherRequest(key: string): Refusal {
  return new Refusal(400, {
    type: 'idempotency_error',
    message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
  });
}

function underway(key: string): Refusal {
  return new Refusal(409, {
    type: 'idempotency_error',
    code: 'idempotency_key_in_use',
    message: `There is currently another in-progress request using this Stripe-Idempotency-Key (${key}).`,
  });
}
