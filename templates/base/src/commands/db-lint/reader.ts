import type { Token } from './tokens.ts';

/** Reads tokens from the left, asking for words. */
export class Reader {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** Takes these words, where all of them come next. */
  take(...words: string[]): boolean {
    const come = words.every((word, index) => isSign(this.#tokens[this.#next + index], word));
    if (come) this.#next += words.length;
    return come;
  }

  /** Takes one of these words, where it comes next. */
  takeOne(...words: string[]): boolean {
    return words.some((word) => this.take(word));
  }

  /** Takes a name, of which the last part counts: `database`.`table`. */
  name(): string {
    let name = '';
    do {
      name = this.#tokens[this.#next]?.text ?? '';
      if (this.#tokens[this.#next]?.kind === 'word') name = name.toLowerCase();
      this.#next += 1;
    } while (this.take('.'));
    return name;
  }

  rest(): Token[] {
    return this.#tokens.slice(this.#next);
  }
}

/** Whether a token is this word or sign, not a name that is written like it. */
export function isSign(token: Token | undefined, text: string): boolean {
  return token?.text === text && (token.kind === 'word' || token.kind === 'sign');
}

/** Whether these words stand one after the other, outside of brackets. */
export function says(tokens: readonly Token[], ...words: string[]): boolean {
  return behind(tokens, ...words) !== undefined;
}

/** What stands behind these words, outside of brackets; nothing where they are not there. */
export function behind(tokens: readonly Token[], ...words: string[]): Token[] | undefined {
  const outside = withDepth(tokens).flatMap(([token, depth]) => (depth === 0 ? [token] : []));
  const start = outside.findIndex((_, at) =>
    words.every((word, index) => isSign(outside[at + index], word)),
  );
  return start === -1 ? undefined : outside.slice(start + words.length);
}

/** The parts between the signs that are outside of brackets. */
export function splitAt(tokens: readonly Token[], sign: string): Token[][] {
  const parts: Token[][] = [[]];
  for (const [token, depth] of withDepth(tokens)) {
    if (depth === 0 && isSign(token, sign)) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts.filter((part) => part.length > 0);
}

/** What is inside of the first brackets. */
export function insideBrackets(tokens: readonly Token[]): Token[] {
  const deep = withDepth(tokens);
  const start = deep.findIndex(([token]) => isSign(token, '('));
  if (start === -1) return [];
  const length = deep.slice(start + 1).findIndex(([, depth]) => depth === 0);
  return tokens.slice(start + 1, length === -1 ? undefined : start + 1 + length);
}

/** Each token with how many brackets are open around it; a bracket belongs to the outside. */
function withDepth(tokens: readonly Token[]): [Token, number][] {
  let depth = 0;
  return tokens.map((token) => {
    if (isSign(token, ')')) depth -= 1;
    const around = depth;
    if (isSign(token, '(')) depth += 1;
    return [token, around];
  });
}
