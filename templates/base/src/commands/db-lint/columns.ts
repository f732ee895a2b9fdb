import { behind, insideBrackets, isSign, says } from './reader.ts';
import type { Token } from './tokens.ts';

/** Whether rows can be written without this column: as the code of the release before does. */
export function needsNoValue(definition: readonly Token[]): boolean {
  const hasValue = ['DEFAULT', 'AUTO_INCREMENT', 'AS', 'SERIAL'].some((word) =>
    says(definition, word),
  );
  return hasValue || !isRequired(definition);
}

export function isRequired(definition: readonly Token[]): boolean {
  return says(definition, 'NOT', 'NULL') || says(definition, 'PRIMARY');
}

/** Whether rows could be written without a value of it, which was not NULL, and no longer can. */
export function losesValue(before: readonly Token[], after: readonly Token[]): boolean {
  return isRequired(before) && needsNoValue(before) && !needsNoValue(after);
}

/** Whether its texts are stored or compared in another way; of an unknown column, whether it says. */
export function changesCharset(
  before: readonly Token[] | undefined,
  after: readonly Token[],
): boolean {
  return charsetOf(before ?? []) !== charsetOf(after);
}

/** A collation's name begins with that of its character set. */
function charsetOf(definition: readonly Token[]): string {
  const [collation, set] = [
    behind(definition, 'COLLATE'),
    behind(definition, 'CHARACTER', 'SET') ?? behind(definition, 'CHARSET'),
  ].map((tokens) => (tokens?.[0]?.text ?? '').replace(/^(["'])(.*)\1$/, '$2').toLowerCase());
  return `${set || collation?.split('_')[0]} ${collation}`;
}

/** Whether MySQL has to copy or lock the table to add the column. MariaDB takes a CHECK in place. */
export function blocksWhenAdded(definition: readonly Token[]): boolean {
  return ['CHECK', 'STORED', 'PERSISTENT', 'AUTO_INCREMENT', 'SERIAL'].some((word) =>
    says(definition, word),
  );
}

/** Types of which each holds all that the one before it does. */
const families = [
  ['TINYINT', 'SMALLINT', 'MEDIUMINT', 'INT', 'BIGINT'],
  ['CHAR', 'VARCHAR', 'TEXT', 'MEDIUMTEXT', 'LONGTEXT'],
  ['BINARY', 'VARBINARY', 'BLOB', 'MEDIUMBLOB', 'LONGBLOB'],
  ['FLOAT', 'DOUBLE'],
];

/** Whether the column still takes all that it holds, and all that was written into it until now. */
export function isWider(before: readonly Token[], after: readonly Token[]): boolean {
  if (isRequired(after) && !isRequired(before)) return false;
  if (says(before, 'UNSIGNED') !== says(after, 'UNSIGNED')) return false;
  const [from, to] = [before[0]?.text ?? '', after[0]?.text ?? ''];
  const [old, now] = [sizesOf(before), sizesOf(after)];
  if (from === to && !(from === 'ENUM' || from === 'SET')) {
    // Digits before the point, and behind it. The width of an integer is of its display alone.
    if (from === 'DECIMAL') {
      const [digits, places, newDigits, newPlaces] = [...pair(old), ...pair(now)];
      return newPlaces >= places && newDigits - newPlaces >= digits - places;
    }
    return families[0]?.includes(from) === true || Number(now[0] ?? 0) >= Number(old[0] ?? 0);
  }
  if (from === to) return old.every((value, index) => now[index] === value);
  const family = families.find((one) => one.includes(from) && one.includes(to));
  if (family === undefined || family.indexOf(to) < family.indexOf(from)) return false;
  return (
    old.length === 0 || now.length === 0 || Number(now[0]) >= Number(old[0]) || from.endsWith('INT')
  );
}

function pair([digits = '10', places = '0']: readonly string[]): [number, number] {
  return [Number(digits), Number(places)];
}

/** What stands in the brackets of the type: sizes, or an enum's values in their order. */
function sizesOf([, ...rest]: readonly Token[]): string[] {
  if (!isSign(rest[0], '(')) return [];
  return insideBrackets(rest).flatMap(({ text }) => (text === ',' ? [] : [text]));
}
