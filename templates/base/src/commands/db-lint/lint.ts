import { blocksWhenAdded, changesCharset, isWider, losesValue, needsNoValue } from './columns.ts';
import { isSign, says } from './reader.ts';
import { rules, type Finding, type Rule } from './rules.ts';
import { readStatement, type Change, type Statement } from './statement.ts';
import { tokensOf, type Token } from './tokens.ts';

export interface MigrationText {
  /** Its name, as findings call it. */
  readonly file: string;
  readonly text: string;
  /** Whether a release has it: it is read for its tables alone. */
  readonly released: boolean;
}

const separator = '--> statement-breakpoint';

/**
 * Looks for what stops or breaks a service that is being replaced, in migrations in their order.
 *
 * @param options.oneRelease whether those that are not released go out together: a table that one of
 *   them makes is then new in all of them. Else it is new only in the file that makes it.
 */
export function lintMigrations(
  migrations: readonly MigrationText[],
  options: { oneRelease: boolean },
): Finding[] {
  const known = new Map<string, Known>();
  const steps = migrations.flatMap(({ file, text, released }) =>
    tokensByPiece(text).map((tokens) => readStep({ file, text, released, tokens }, known)),
  );
  const linted = steps
    .filter(({ released }) => !released)
    .map((step) => ({ step, inUse: step.changes.filter(isInUse(step, options)) }));
  const expansions = linted.flatMap(({ inUse }) =>
    inUse.flatMap(({ change }) => (change.kind === 'add-column' ? [change.table] : [])),
  );
  return linted.flatMap(({ step, inUse }) => lintStep(step, inUse, new Set(expansions)));
}

interface Known {
  /** Where the table is made; nothing where that is not here. */
  madeIn: MigrationText | undefined;
  readonly columns: Map<string, readonly Token[]>;
}

/** What stands between two breakpoints. */
interface Piece extends MigrationText {
  readonly tokens: readonly Token[];
}

interface Step extends Piece {
  readonly code: readonly Token[];
  readonly statement: Statement;
  readonly changes: readonly ChangeOfKnown[];
}

interface ChangeOfKnown {
  readonly change: Change;
  readonly madeIn: MigrationText | undefined;
  /** What its column was. */
  readonly before: readonly Token[] | undefined;
}

/** The runner splits the text as it is, whatever is quoted in it. */
function tokensByPiece(text: string): Token[][] {
  let start = 0;
  return text.split(separator).map((part) => {
    const from = start;
    start += part.length + separator.length;
    return tokensOf(part, from);
  });
}

/** What a piece does, with what its tables were before; notes what they are then. */
function readStep(piece: Piece, known: Map<string, Known>): Step {
  const code = piece.tokens.filter(({ kind }) => kind !== 'comment');
  const statement = readStatement(code);
  const isThere = statement.changes.some(({ ifMissing, table }) => ifMissing && known.has(table));
  const changes = (isThere ? [] : statement.changes).map((change) => {
    if (change.kind === 'create-table') {
      known.set(change.table, { madeIn: piece, columns: new Map() });
    }
    const table = known.get(change.table);
    const before = table?.columns.get(change.column ?? '');
    if (change.kind === 'drop-table') known.delete(change.table);
    const after = afterChange(change, before);
    if (after !== undefined) table?.columns.set(change.column ?? '', after);
    return { change, madeIn: table?.madeIn, before };
  });
  return { ...piece, code, statement, changes };
}

/** What a column is after a change of it. */
function afterChange(
  { kind, definition }: Change,
  before: readonly Token[] = [],
): readonly Token[] | undefined {
  if (kind === 'set-default') return [...before, ...(definition ?? [])];
  if (kind === 'drop-default') return before.filter((token) => !isSign(token, 'DEFAULT'));
  return definition;
}

/** Whether the release before uses the table of a change. */
function isInUse(step: Step, { oneRelease }: { oneRelease: boolean }) {
  return ({ madeIn }: ChangeOfKnown): boolean =>
    madeIn?.file !== step.file && (!oneRelease || madeIn?.released !== false);
}

function lintStep(
  step: Step,
  inUse: readonly ChangeOfKnown[],
  expanded: ReadonlySet<string>,
): Finding[] {
  const found = inUse.flatMap(({ change, before }) => rulesOf(change, before));
  const isContraction = found.some((rule) => ['drop-column', 'rename'].includes(rule));
  const contracts = isContraction && inUse.some(({ change }) => expanded.has(change.table));
  const how = inUse.length === 0 ? undefined : howRule(step.statement, found);
  const { allowed, wrong } = waiversIn(step);
  const all: Rule[] = [
    ...found,
    ...(contracts ? (['same-release'] as const) : []),
    ...(how === undefined ? [] : [how]),
    ...(isSeveral(step) ? (['breakpoint'] as const) : []),
  ];
  // Who allows a table's contraction has looked at what else the release does.
  if (allowed.has('drop-column') || allowed.has('rename')) allowed.add('same-release');
  const first = step.code[0]?.at ?? 0;
  return [
    ...wrong.map((at) => finding(step, 'waiver', at)),
    ...[...new Set(all)]
      .filter((rule) => !allowed.has(rule))
      .map((rule) => finding(step, rule, first)),
  ];
}

/** A routine has statements inside, and is one. */
function isSeveral({ code }: Step): boolean {
  const end = code.findIndex((token) => isSign(token, ';'));
  const isRoutine = isSign(code[0], 'CREATE') && says(code, 'BEGIN');
  return end !== -1 && !isRoutine && code.slice(end).some((token) => !isSign(token, ';'));
}

function rulesOf(change: Change, before: readonly Token[] | undefined): Rule[] {
  const { kind, definition = [] } = change;
  switch (kind) {
    case 'drop-table':
    case 'drop-column':
    case 'rename':
    case 'foreign-key':
    case 'charset':
    case 'blocks':
      return [kind];
    case 'empty-table':
      return ['all-rows'];
    case 'add-column':
      return [
        ...(needsNoValue(definition) ? [] : (['not-null'] as const)),
        ...(blocksWhenAdded(definition) ? (['blocks'] as const) : []),
      ];
    case 'drop-default':
      return ['not-null'];
    case 'change-column':
      return [
        ...(changesCharset(before, definition) ? (['charset'] as const) : []),
        ...(before === undefined || !isWider(before, definition) ? (['narrow'] as const) : []),
        ...(says(definition, 'CHECK') || says(definition, 'STORED') ? (['blocks'] as const) : []),
        ...(before && losesValue(before, definition) ? (['not-null'] as const) : []),
      ];
    default:
      return [];
  }
}

/** Whether the server is told to do it without a copy or a lock. */
function howRule(
  { algorithm, lock, separator: takes }: Statement,
  found: readonly Rule[],
): Rule | undefined {
  const isFound = found.includes('foreign-key') || found.includes('blocks');
  if (takes === undefined || isFound) return undefined;
  if (algorithm === 'COPY' || lock === 'SHARED' || lock === 'EXCLUSIVE') return 'blocks';
  const isTold =
    algorithm === 'INSTANT' || (lock === 'NONE' && ['INPLACE', 'NOCOPY'].includes(algorithm ?? ''));
  if (isTold) return undefined;
  return found.includes('charset') ? 'blocks' : 'algorithm';
}

const instant = new Set(['add-column', 'drop-column', 'set-default', 'drop-default', 'rename']);

/** What MySQL 8.4 and MariaDB 10.11 do most of it with: in an instant, or in place. */
function endingOf({ changes, separator: between = ', ' }: Statement): string {
  const isInstant = changes.every(
    ({ kind, definition = [] }) =>
      instant.has(kind) && !says(definition, 'UNIQUE') && !says(definition, 'KEY'),
  );
  return isInstant
    ? `${between}ALGORITHM=INSTANT`
    : `${between}ALGORITHM=INPLACE${between}LOCK=NONE`;
}

function waiversIn({ tokens }: Step): { allowed: Set<string>; wrong: number[] } {
  const allowed = new Set<string>();
  const wrong: number[] = [];
  for (const { kind, text, at } of tokens) {
    if (kind !== 'comment' || !text.startsWith('db-lint:')) continue;
    const [, rule = '', reason = ''] = /^db-lint:\s*allow\s+([\w-]+):\s*(\S.*)?$/s.exec(text) ?? [];
    if (Object.hasOwn(rules, rule) && reason !== '') allowed.add(rule);
    else wrong.push(at);
  }
  return { allowed, wrong };
}

function finding({ file, text, code, statement }: Step, rule: Rule, at: number): Finding {
  const about = { file, line: text.slice(0, at).split('\n').length, rule };
  if (rule !== 'algorithm') return { ...about, message: rules[rule] };
  const ending = endingOf(statement);
  const message = `${rules[rule]} “${ending.trim()}”`;
  // Of a changed type it depends: that is for whoever changes it.
  const isSure = statement.changes.every(({ kind }) => kind !== 'change-column');
  const last = code.findLast((token) => !isSign(token, ';'));
  return { ...about, message, ...(isSure && last && { insert: { at: last.end, text: ending } }) };
}
