// How often something may be tried, and how it is slowed down after that. Nothing is ever locked for
// good: that would let anybody lock anybody out (ASVS 5.0, 6.3.1).

/** Times in seconds. */
export interface Budget {
  /** Attempts that are taken as fast as they come. */
  readonly free: number;
  /** What each further attempt has to wait; doubled from one to the next. */
  readonly firstDelay: number;
  readonly longestDelay: number;
  /** Each time so long has passed, one attempt is forgotten. */
  readonly refill: number;
}

const minute = 60;
const hour = 60 * minute;

const guesses = { free: 5, firstDelay: 15, longestDelay: 15 * minute, refill: 15 * minute };
const codes = { free: 5, firstDelay: 30, longestDelay: hour, refill: hour };
/** For all who share an address range, such as an office. */
const range = { free: 100, firstDelay: 1, longestDelay: 5 * minute, refill: 10 };

/** By what is tried: the budget of its subject, and of the address range that it comes from. */
export const budgets = {
  /** A sign-in from a device that is not known; the subject is the e-mail address. */
  password: { subject: guesses, range },
  /** A sign-in from a device on which this user has signed in before; the subject is the device. */
  device: { subject: { ...guesses, free: 10 }, range: undefined },
  /** A code of an authenticator app, or a recovery code: six digits are few. */
  code: { subject: codes, range: undefined },
  /** The codes that all known devices of a user send together; the subject is the user. */
  deviceCodes: { subject: { ...codes, free: 10 }, range: undefined },
  /** The password of a user who is signed in, asked again; the subject is the user. */
  confirmation: { subject: guesses, range: undefined },
  /** A mail that anybody can have sent; the subject is the address that it goes to. */
  mail: { subject: { free: 5, firstDelay: minute, longestDelay: hour, refill: hour }, range },
} satisfies Record<string, Budgets>;

interface Budgets {
  readonly subject: Budget;
  readonly range: Budget | undefined;
}

/** One that another domain tries, with budgets of its own. */
export interface OwnKind extends Budgets {
  /** Unique among all kinds. */
  readonly name: string;
}

export type Kind = keyof typeof budgets | OwnKind;

export function budgetsOf(kind: Kind): Budgets {
  return typeof kind === 'string' ? budgets[kind] : kind;
}

/** How much of a budget is used up. */
export interface Use {
  /** Attempts counted so far. */
  readonly used: number;
  /** Seconds that have passed and for which nothing was forgotten yet. */
  readonly idle: number;
}

/**
 * What one more attempt makes of a budget.
 *
 * @returns `idle` is what is left of the time after what was forgotten for it: were it dropped,
 *   nothing would ever be forgotten of a budget that is used all the time
 */
export function spend(budget: Budget, { used, idle }: Use): Use & { readonly delay: number } {
  const forgotten = Math.floor(Math.max(idle, 0) / budget.refill);
  const isNew = forgotten >= used;
  const next = isNew ? 1 : used - forgotten + 1;
  const beyond = next - budget.free;
  const delay = beyond < 0 ? 0 : Math.min(budget.firstDelay * 2 ** beyond, budget.longestDelay);
  // What is empty cannot be refilled: its time begins with this attempt.
  return { used: next, idle: isNew ? 0 : Math.max(idle, 0) - forgotten * budget.refill, delay };
}
