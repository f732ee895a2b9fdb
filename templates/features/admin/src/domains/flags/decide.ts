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

/** Where FNV-1a begins. */
const offsetBasis = 0x811c9dc5;

interface Listed {
  readonly subject: string;
  readonly verdict: Verdict;
}

/** A flag that is ready to be asked about. */
export interface ReadyFlag {
  readonly seed: number;
  /** By their hash, which is needed anyway: to look up a string that is new costs as much again. */
  readonly listed: ReadonlyMap<number, readonly Listed[]>;
  /** What holds for those who are on no list; nothing where each has a verdict of its own. */
  readonly others: Verdict | undefined;
  /** Subjects whose hash is below it are within the share. */
  readonly threshold: number;
}

export function prepare(name: string, { state, percentage, on, off }: FlagSettings): ReadyFlag {
  const seed = fnv1a(offsetBasis, name);
  const all = [
    ...off.map((subject): Listed => ({ subject, verdict: listedOff })),
    ...on.map((subject): Listed => ({ subject, verdict: listedOn })),
  ];
  return {
    seed,
    listed: Map.groupBy(all, ({ subject }) => slotOf(hash(seed, subject))),
    others: { on: allOn, off: allOff, percentage: undefined }[state],
    threshold: (percentage / 100) * 2 ** 32,
  };
}

/** The lists come first, then what holds for all, then the share. */
export function decide({ seed, listed, others, threshold }: ReadyFlag, subject: string): Verdict {
  const hashed = hash(seed, subject);
  const found = listed.get(slotOf(hashed))?.find((each) => each.subject === subject);
  return found?.verdict ?? others ?? (hashed < threshold ? within : beyond);
}

/** Small enough to be a number that the runtime does not have to allocate. */
function slotOf(hashed: number): number {
  return hashed >>> 2;
}

/**
 * Spreads subjects evenly over the numbers below 2^32, each flag in its own way: FNV-1a (RFC 9923),
 * begun with the flag's name, whose bits the last step of MurmurHash3 mixes. Another hash here would
 * give every share that is set to other subjects.
 */
function hash(seed: number, subject: string): number {
  let mixed = fnv1a(seed, subject);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function fnv1a(basis: number, text: string): number {
  let sum = basis;
  for (let index = 0; index < text.length; index += 1) {
    sum = Math.imul(sum ^ text.charCodeAt(index), 0x01000193);
  }
  return sum;
}
