// Whether a flag is on for a subject. Nothing but how it is set decides, so that every process says
// the same, and again tomorrow.
import type { FlagSettings } from './flag-settings.ts';

export interface Verdict {
  readonly isOn: boolean;
  /** Why, in the words of a sentence that goes on: `because …`. */
  readonly reason: string;
}

const listedOn: Verdict = { isOn: true, reason: 'it is on the list of those for which it is on' };
const listedOff: Verdict = {
  isOn: false,
  reason: 'it is on the list of those for which it is off',
};
const allOn: Verdict = { isOn: true, reason: 'the flag is on' };
const allOff: Verdict = { isOn: false, reason: 'the flag is off' };
const within: Verdict = { isOn: true, reason: 'it is within the share' };
const beyond: Verdict = { isOn: false, reason: 'it is not within the share' };

/** A flag that is ready to be asked about. */
export interface ReadyFlag {
  readonly listed: ReadonlyMap<string, Verdict>;
  /** What holds for those who are on no list; nothing where each has one of its own. */
  readonly others: Verdict | undefined;
  readonly seed: number;
  /** Subjects whose hash is below it are within the share. */
  readonly threshold: number;
}

export function prepare(name: string, { state, percentage, on, off }: FlagSettings): ReadyFlag {
  return {
    listed: new Map([...entries(on, listedOn), ...entries(off, listedOff)]),
    others: { on: allOn, off: allOff, percentage: undefined }[state],
    seed: fnv1a(offsetBasis, name),
    threshold: (percentage / 100) * 2 ** 32,
  };
}

function entries(subjects: readonly string[], verdict: Verdict): [string, Verdict][] {
  return subjects.map((subject) => [subject, verdict]);
}

/** The lists come first, then what holds for all, then the share. */
export function decide(flag: ReadyFlag, subject: string): Verdict {
  return (
    flag.listed.get(subject) ??
    flag.others ??
    (hash(flag.seed, subject) < flag.threshold ? within : beyond)
  );
}

/**
 * Spreads subjects evenly over the numbers below 2^32, each flag in its own way: FNV-1a (RFC 9923)
 * of the flag's name and the subject, whose bits the last step of MurmurHash3 mixes. Another hash
 * here would give other subjects every share that is set.
 */
function hash(seed: number, subject: string): number {
  let mixed = fnv1a(seed, subject);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

const offsetBasis = 0x811c9dc5;

function fnv1a(basis: number, text: string): number {
  let sum = basis;
  for (let index = 0; index < text.length; index += 1) {
    sum = Math.imul(sum ^ text.charCodeAt(index), 0x01000193);
  }
  return sum;
}
