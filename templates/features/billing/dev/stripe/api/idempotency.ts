import { day } from '../calendar.ts';
import { Refusal } from './errors.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** Whether a request with the same key is to get it again. */
  readonly kept: boolean;
}

/** An answer that whoever asks with the same key gets again. */
export interface KnownAnswer {
  /** The method, path and parameters. */
  readonly asked: string;
  /** When, in seconds since 1970. */
  readonly at: number;
  readonly answer: Answer;
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

/**
 * Remembers answers for a day, as https://docs.stripe.com/api/idempotent_requests describes it.
 *
 * @param known where it has them; those of earlier days are removed
 */
export function createIdempotency(now: () => number, known: Map<string, KnownAnswer>): Idempotency {
  const carriedOut = new Map<string, string>();
  const isOver = ({ at }: KnownAnswer) => now() - at >= day;
  for (const [key, earlier] of known) if (isOver(earlier)) known.delete(key);

  return {
    async once(key, asked, carryOut) {
      if (key.length > longestKey) throw tooLong();
      const earlier = known.get(key);
      if (earlier && !isOver(earlier)) {
        if (earlier.asked !== asked) throw otherRequest(key);
        return { answer: earlier.answer, replayed: true };
      }
      const other = carriedOut.get(key);
      if (other !== undefined) throw other === asked ? underway(key) : otherRequest(key);
      carriedOut.set(key, asked);
      try {
        const at = now();
        const answer = await carryOut();
        if (answer.kept) known.set(key, { asked, at, answer });
        return { answer, replayed: false };
      } finally {
        carriedOut.delete(key);
      }
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
