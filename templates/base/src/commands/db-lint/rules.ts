// What a migration must not do while the release before it still runs beside the new one, and on
// tables that are large and in use.
export const rules = {
  'drop-table': 'takes a table, view, routine or trigger away that the release before still uses',
  'drop-column': 'takes a column away that the release before still uses',
  rename: 'takes a name away that the release before still uses: add, copy, drop one release later',
  narrow: 'takes less than the column holds, or than the release before writes',
  'not-null': 'asks for a value that the release before does not write: give it a DEFAULT',
  'all-rows': 'removes or changes every row',
  'same-release': 'contracts a table that this release expands: drop one release later',
  algorithm: 'does not say how: the server may copy the table, and block its use meanwhile; add',
  blocks: 'copies the table or locks it, and blocks its use meanwhile',
  'foreign-key': 'checks every row of a table in use, and blocks its use meanwhile',
  charset: 'rewrites every row in another character set or collation',
  breakpoint: 'is more than one statement: put --> statement-breakpoint between them',
  waiver: 'allows nothing: it is -- db-lint: allow <rule>: <reason>',
} as const;

export type Rule = keyof typeof rules;

export interface Finding {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly rule: Rule;
  readonly message: string;
  /** What to add to the file's text, and where, where that is all there is to do. */
  readonly insert?: { readonly at: number; readonly text: string };
}
