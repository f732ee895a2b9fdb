// What a feature flag is, as flags.ts declares it.

export interface FlagDeclaration {
  /** What it is for, in a sentence: whoever changes it reads that first. */
  readonly description: string;
  /** What it is until somebody sets it; off where this is left out. */
  readonly default?: 'off' | 'on';
  /** What it is asked for, as people call it; `account` where this is left out. */
  readonly subject?: string;
}

export type FlagDeclarations = Readonly<Record<string, FlagDeclaration>>;

/**
 * Declares the feature flags:
 *
 *     defineFlags({
 *       newEditor: { description: 'The editor that saves while one types' },
 *     });
 *
 * @throws Error that names a flag whose name cannot be one
 */
export function defineFlags<const Given>(given: {
  readonly [Name in keyof Given]: FlagDeclaration;
}): { readonly [Name in keyof Given]: FlagDeclaration } {
  const wrong = Object.keys(given).filter((name) => !/^[a-z][\w-]{0,99}$/i.test(name));
  if (wrong.length === 0) return given;
  throw new Error(
    `In flags.ts the name of a flag begins with a letter and is at most 100 letters, digits, - and _: not “${wrong.join('”, “')}”`,
  );
}
