// What a statement of a migration does to which table, as far as the rules ask.
import { insideBrackets, isSign, Reader, says, splitAt } from './reader.ts';
import type { Token } from './tokens.ts';

export interface Statement {
  readonly changes: readonly Change[];
  /** How it says that the server is to do it, such as `INSTANT` and `NONE`. */
  readonly algorithm?: string | undefined;
  readonly lock?: string | undefined;
  /** What stands between a statement and its ALGORITHM; nothing where it takes none. */
  readonly separator?: ', ' | ' ';
}

export interface Change {
  readonly kind:
    | 'create-table'
    | 'drop-table'
    | 'empty-table'
    | 'rename'
    | 'add-column'
    | 'drop-column'
    | 'change-column'
    | 'set-default'
    | 'drop-default'
    | 'foreign-key'
    | 'charset'
    /** What no server does without a copy or a lock. */
    | 'blocks'
    | 'other';
  readonly table: string;
  /** Whether it does nothing where the table is there. */
  readonly ifMissing?: boolean;
  readonly column?: string;
  /** What stands behind the column's name. */
  readonly definition?: readonly Token[];
}

/** @param tokens of one statement, without comments */
export function readStatement(tokens: readonly Token[]): Statement {
  const reader = new Reader(tokens);
  if (reader.take('CREATE')) return readCreate(reader);
  if (reader.take('ALTER')) return readAlter(reader);
  if (reader.take('DROP')) return readDrop(reader);
  if (reader.take('TRUNCATE')) {
    reader.take('TABLE');
    return { changes: [{ kind: 'empty-table', table: reader.name() }] };
  }
  if (reader.take('RENAME')) {
    return { changes: reader.takeOne(...tableWords) ? ofEach('rename', reader) : [] };
  }
  if (reader.takeOne('LOCK', 'OPTIMIZE')) {
    reader.takeOne('NO_WRITE_TO_BINLOG', 'LOCAL');
    return { changes: reader.takeOne(...tableWords) ? ofEach('blocks', reader) : [] };
  }
  if (changesAllRows(tokens)) return { changes: [{ kind: 'empty-table', table: '' }] };
  return { changes: [] };
}

const tableWords = ['TABLE', 'TABLES'];

/** The same of each table in a list. */
function ofEach(kind: Change['kind'], reader: Reader): Change[] {
  return splitAt(reader.rest(), ',').map((part) => ({ kind, table: new Reader(part).name() }));
}

/** DELETE and UPDATE without a WHERE, also behind WITH. `EXPLAIN` and the like begin otherwise. */
function changesAllRows(tokens: readonly Token[]): boolean {
  const [first] = tokens;
  const begins = isSign(first, 'WITH') || isSign(first, 'DELETE') || isSign(first, 'UPDATE');
  const isChange = says(tokens, 'DELETE') || (says(tokens, 'UPDATE') && !says(tokens, 'SELECT'));
  return begins && isChange && !says(tokens, 'WHERE');
}

function readCreate(reader: Reader): Statement {
  const replaces = reader.take('OR', 'REPLACE');
  reader.takeOne('ONLINE', 'OFFLINE');
  const isTemporary = reader.take('TEMPORARY');
  if (reader.take('TABLE')) {
    const ifMissing = reader.take('IF', 'NOT', 'EXISTS') || isTemporary;
    const table = reader.name();
    const columns = splitAt(insideBrackets(reader.rest()), ',').map((part): Change => {
      const column = new Reader(part);
      const name = column.name();
      return { kind: 'add-column', table, column: name, definition: column.rest() };
    });
    const dropped: Change[] = replaces && !isTemporary ? [{ kind: 'drop-table', table }] : [];
    return { changes: [...dropped, { kind: 'create-table', table, ifMissing }, ...columns] };
  }
  const locks = reader.takeOne('FULLTEXT', 'SPATIAL');
  reader.take('UNIQUE');
  if (!reader.take('INDEX')) return { changes: [] };
  reader.take('IF', 'NOT', 'EXISTS');
  reader.name();
  return onIndex(reader, locks ? 'blocks' : 'other');
}

function readDrop(reader: Reader): Statement {
  reader.takeOne('ONLINE', 'OFFLINE');
  if (reader.takeOne('DATABASE', 'SCHEMA', 'VIEW', 'PROCEDURE', 'FUNCTION', 'TRIGGER', 'EVENT')) {
    return { changes: [{ kind: 'drop-table', table: '' }] };
  }
  const isIndex = reader.take('INDEX');
  if (!isIndex && !reader.takeOne(...tableWords)) return { changes: [] };
  reader.take('IF', 'EXISTS');
  if (!isIndex) return { changes: ofEach('drop-table', reader) };
  reader.name();
  // It is always done in place, and MariaDB lets nobody say so.
  return { changes: onIndex(reader, 'other').changes };
}

function onIndex(reader: Reader, kind: Change['kind']): Statement {
  while (!reader.take('ON'))
    if (reader.rest().length === 0) return { changes: [] };
    else reader.name();
  const changes: Change[] = [{ kind, table: reader.name() }];
  return { changes, separator: ' ', ...howOf(reader.rest()) };
}

function readAlter(reader: Reader): Statement {
  reader.takeOne('ONLINE', 'OFFLINE');
  reader.take('IGNORE');
  if (reader.takeOne('DATABASE', 'SCHEMA')) return { changes: [{ kind: 'charset', table: '' }] };
  if (!reader.take('TABLE')) return { changes: [] };
  reader.take('IF', 'EXISTS');
  const table = reader.name();
  const parts = splitAt(reader.rest(), ',');
  const changes = parts.flatMap((part) => readChange(table, part));
  // A primary key can be replaced in place, not taken away.
  const addsKey = parts.some((part) => isSign(part[0], 'ADD') && says(part, 'PRIMARY', 'KEY'));
  const dropsKey = parts.some((part) => isSign(part[0], 'DROP') && says(part, 'PRIMARY', 'KEY'));
  if (dropsKey && !addsKey) changes.push({ kind: 'blocks', table });
  return { changes, separator: ', ', ...howOf(reader.rest()) };
}

function howOf(tokens: readonly Token[]): Pick<Statement, 'algorithm' | 'lock'> {
  const valueOf = (word: string): string | undefined => {
    const at = tokens.findIndex((token) => isSign(token, word));
    const [first, second] = tokens.slice(at + 1);
    return at === -1 ? undefined : (isSign(first, '=') ? second : first)?.text;
  };
  return { algorithm: valueOf('ALGORITHM'), lock: valueOf('LOCK') };
}

const keys = ['INDEX', 'KEY', 'UNIQUE', 'FULLTEXT', 'SPATIAL', 'PRIMARY', 'CHECK', 'PARTITION'];

function readChange(table: string, part: readonly Token[]): Change[] {
  const reader = new Reader(part);
  if (reader.takeOne('ALGORITHM', 'LOCK')) return [];
  const isColumn = (): boolean => reader.take('COLUMN');
  if (reader.take('ADD')) {
    if (says(part, 'FOREIGN', 'KEY')) return [{ kind: 'foreign-key', table }];
    if (!isColumn() && reader.takeOne('CONSTRAINT', ...keys)) {
      const isBlocking = ['CHECK', 'FULLTEXT', 'SPATIAL'].some((word) => says(part, word));
      return [{ kind: isBlocking ? 'blocks' : 'other', table }];
    }
    reader.take('IF', 'NOT', 'EXISTS');
    const inside = insideBrackets(reader.rest());
    const all = reader.take('(') ? splitAt(inside, ',') : [reader.rest()];
    return all.map((one) => columnChange('add-column', table, new Reader(one)));
  }
  if (reader.take('DROP')) {
    if (reader.take('PARTITION')) return [{ kind: 'empty-table', table }];
    if (!isColumn() && reader.takeOne('CONSTRAINT', 'FOREIGN', ...keys)) {
      return [{ kind: 'other', table }];
    }
    reader.take('IF', 'EXISTS');
    return [{ kind: 'drop-column', table, column: reader.name() }];
  }
  if (reader.takeOne('MODIFY', 'CHANGE')) {
    const isRename = isSign(part[0], 'CHANGE');
    isColumn();
    reader.take('IF', 'EXISTS');
    const old = isRename ? reader.name() : undefined;
    const change = columnChange('change-column', table, reader);
    const renamed = old !== undefined && old !== change.column;
    return renamed ? [{ kind: 'rename', table, column: old }] : [change];
  }
  if (reader.take('RENAME')) {
    return [{ kind: reader.takeOne('INDEX', 'KEY') ? 'other' : 'rename', table }];
  }
  if (reader.take('ALTER')) {
    isColumn();
    const column = reader.name();
    if (reader.take('DROP', 'DEFAULT')) return [{ kind: 'drop-default', table, column }];
    return [{ kind: 'set-default', table, column, definition: reader.rest() }];
  }
  if (reader.take('TRUNCATE', 'PARTITION')) return [{ kind: 'empty-table', table }];
  const isCharset = ['CONVERT', 'CHARACTER', 'CHARSET', 'COLLATE'].some((word) => says(part, word));
  return [{ kind: isCharset ? 'charset' : 'other', table }];
}

function columnChange(kind: Change['kind'], table: string, reader: Reader): Change {
  return { kind, table, column: reader.name(), definition: reader.rest() };
}
