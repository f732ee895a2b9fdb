import type { Readable, Writable } from 'node:stream';
import { CANCEL_SYMBOL } from '@clack/prompts';
import { cancelled } from '../problem.ts';

/** Where questions are asked, if not on the standard streams. */
export interface Terminal {
  readonly input?: Readable;
  readonly output?: Writable;
}

/**
 * What was answered.
 *
 * @throws Problem (exit code 130) when the user left instead
 */
export function chosen<T>(answer: T | typeof CANCEL_SYMBOL): T {
  if (answer !== CANCEL_SYMBOL) return answer;
  throw cancelled('Cancelled: nothing was written.');
}
