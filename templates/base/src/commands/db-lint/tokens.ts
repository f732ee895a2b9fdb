// SQL as MySQL and MariaDB take it apart: what is quoted or a comment is no statement.

export interface Token {
  readonly kind: 'word' | 'name' | 'value' | 'sign' | 'comment';
  /** A word in capitals; a name without its backticks; a comment without its marks. */
  readonly text: string;
  /** Where it begins in the text, and where it ends. */
  readonly at: number;
  readonly end: number;
}

const patterns: readonly [Token['kind'] | 'space', RegExp][] = [
  // `/*!50100 … */` and `/*M! … */` are carried out, so only their marks are left out.
  ['space', /\s+|\/\*M?!\d*|\*\//y],
  ['comment', /--(?=\s|$)[^\n]*|#[^\n]*|\/\*[^]*?(?:\*\/|$)/y],
  ['name', /`(?:[^`]|``)*(?:`|$)/y],
  ['value', /'(?:[^'\\]|''|\\[^])*(?:'|$)|"(?:[^"\\]|""|\\[^])*(?:"|$)/y],
  ['value', /\d[\w.]*/y],
  ['word', /[\p{L}_$@][\p{L}\p{N}_$@]*/uy],
  ['sign', /[^]/y],
];

/**
 * The tokens of a text, comments among them. What is not closed goes to the end.
 *
 * @param from where the text begins in a longer one
 */
export function tokensOf(sql: string, from = 0): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const { kind, text } = nextToken(sql, at);
    const end = at + text.length;
    if (kind !== 'space')
      tokens.push({ kind, text: plain(kind, text), at: from + at, end: from + end });
    at = end;
  }
  return tokens;
}

function nextToken(sql: string, at: number): { kind: Token['kind'] | 'space'; text: string } {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const text = pattern.exec(sql)?.[0];
    if (text !== undefined) return { kind, text };
  }
  throw new Error('The last pattern takes anything.');
}

function plain(kind: Token['kind'], text: string): string {
  if (kind === 'word') return text.toUpperCase();
  if (kind === 'name') return text.replace(/^`|`$/g, '').replaceAll('``', '`');
  if (kind === 'comment') return text.replace(/^(?:--|#|\/\*)|\*\/$/g, '').trim();
  return text;
}
