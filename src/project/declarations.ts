// A module of tables, taken apart just far enough to move its declarations into another one.

/** Names that a module takes from another. */
export interface Import {
  readonly from: string;
  /** As they stand between the braces: `a`, `a as b`, `type C`. */
  readonly names: readonly string[];
  /** What stands there instead of braces: `* as x`, `x`. */
  readonly whole?: string;
}

export interface Module {
  readonly imports: readonly Import[];
  /** Each with the comments above it. */
  readonly declarations: readonly string[];
}

const importPattern =
  /^import\s+(type\s+)?(?:\{([^}]*)\}|([\w$*][\w$*\s]*?))\s+from\s+['"]([^'"]+)['"];?[^\S\n]*\n?/gm;

/** The imports and declarations of a module; it has LF and no side effects. */
export function parseModule(text: string): Module {
  const imports: Import[] = [];
  for (const [, type, names = '', whole, from = ''] of text.matchAll(importPattern)) {
    const list = names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .map((name) => (type === undefined ? name : `type ${name}`));
    imports.push({ from, names: list, ...(whole === undefined ? {} : { whole }) });
  }
  const body = text.replaceAll(importPattern, '');
  return { imports, declarations: splitDeclarations(body) };
}

/** The module's text, its imports one for each module that something is taken from. */
export function printModule(heading: string, { imports, declarations }: Module): string {
  const body = declarations.join('\n\n');
  const own = new Set(declarations.flatMap(namesDeclared));
  const lines = merged(imports).flatMap(({ from, names, whole }) => {
    const used = names.filter((name) => isUsed(localOf(name), body) && !own.has(localOf(name)));
    const line =
      whole !== undefined && isUsed(localOf(whole), body)
        ? [`import ${whole} from '${from}';`]
        : [];
    return used.length === 0 ? line : [...line, printImport(from, used)];
  });
  return `${[`${heading}\n${lines.join('\n')}`, ...declarations].join('\n\n')}\n`;
}

/** The names that a declaration gives its module. */
export function namesDeclared(declaration: string): string[] {
  const pattern =
    /^(?:export\s+)?(?:declare\s+)?(?:async\s+)?(?:const|let|var|function|class|type|interface)\s+([\w$]+)/gm;
  return [...declaration.matchAll(pattern)].map(([, name]) => name ?? '');
}

/** Whether a name stands somewhere in the text, other than as a member of something. */
export function isUsed(name: string, text: string): boolean {
  return new RegExp(
    `(?<![\\w$]|(?<!\\.\\.)\\.)${name.replaceAll('$', String.raw`\$`)}(?![\\w$])`,
  ).test(text);
}

function localOf(name: string): string {
  return name
    .replace(/^type\s+/, '')
    .replace(/^.*\bas\s+/, '')
    .trim();
}

function merged(imports: readonly Import[]): Import[] {
  const modules = new Map<string, Import>();
  for (const { from, names, whole } of imports) {
    const key = whole === undefined ? from : `${from} ${whole}`;
    const before = modules.get(key)?.names ?? [];
    const all = [...new Set([...before, ...names])].toSorted();
    modules.set(key, { from, names: all, ...(whole === undefined ? {} : { whole }) });
  }
  return [...modules.values()].toSorted((a, b) => (rank(a.from) < rank(b.from) ? -1 : 1));
}

/** Packages first, then the project's own. */
function rank(from: string): string {
  return `${/^[.#]/.test(from) ? 1 : 0}${from}`;
}

const width = 100;

function printImport(from: string, all: readonly string[]): string {
  // An import of types alone says so as a whole: it is not there at run time.
  const isType = all.every((name) => name.startsWith('type '));
  const names = isType ? all.map((name) => name.slice('type '.length)) : all;
  const start = isType ? 'import type' : 'import';
  const line = `${start} { ${names.join(', ')} } from '${from}';`;
  if (line.length <= width) return line;
  return `${start} {\n${names.map((name) => `  ${name},`).join('\n')}\n} from '${from}';`;
}

/** At the ends of lines at which no bracket, string or comment is open. */
function splitDeclarations(text: string): string[] {
  const declarations: string[] = [];
  let start = 0;
  for (const end of statementEnds(text)) {
    const declaration = text.slice(start, end).trim();
    if (declaration !== '') declarations.push(declaration);
    start = end;
  }
  const rest = text.slice(start).trim();
  if (rest !== '') declarations.push(rest);
  return declarations;
}

const tokens =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|[([{]|[)\]}]|;|\n/g;

function statementEnds(text: string): number[] {
  const ends: number[] = [];
  let depth = 0;
  let complete = false;
  for (const { 0: token, index } of text.matchAll(tokens)) {
    if (/^[([{]$/.test(token)) depth += 1;
    else if (/^[)\]}]$/.test(token)) {
      depth -= 1;
      // A function, class or interface ends with its brace.
      complete = depth === 0 && token === '}' && /^\s*(?:\n|$)/.test(text.slice(index + 1));
    } else if (token === ';' && depth === 0) complete = true;
    else if (token === '\n' && complete) {
      ends.push(index + 1);
      complete = false;
    }
  }
  return ends;
}
