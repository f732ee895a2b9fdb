/** A line of the generated backend without which a promise does not hold. */
export interface Guard {
  /** What it guards. */
  readonly name: string;
  /** Where it is, in the project. */
  readonly file: string;
  /** The text that is the guard; it occurs once. */
  readonly find: string;
  /** What stands there without it. */
  readonly replace: string;
  /** The file of the test that must fail then. */
  readonly test: string;
  /** A part of that test's name. */
  readonly title: string;
}

export const guards: readonly Guard[] = [];
