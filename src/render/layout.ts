// Lines whose width depends on names, broken as the formatter breaks them.

const width = 100;

/**
 * `head(items)tail` on one line where that fits, else an item a line.
 *
 * @param indent the spaces in front
 */
export function call(head: string, items: readonly string[], tail: string, indent = 0): string {
  return laidOut({ open: `${head}(`, items, close: `)${tail}`, indent });
}

/** The list `[items]`, after `head`, on one line where that fits, else an item a line. */
export function list(head: string, items: readonly string[], tail: string, indent = 0): string {
  return laidOut({ open: `${head}[`, items, close: `]${tail}`, indent });
}

/** `import { names } from 'from';`, on one line where that fits. */
export function importOf(names: readonly string[], from: string, kind: '' | 'type ' = ''): string {
  const line = `import ${kind}{ ${names.join(', ')} } from '${from}';`;
  if (line.length <= width) return line;
  return broken({ open: `import ${kind}{`, items: names, close: `} from '${from}';`, indent: 0 });
}

/** The object `{ entry }`, after `head`, on one line where that fits. */
export function object(head: string, entry: string, tail: string, indent: number): string {
  const line = `${head}{ ${entry} }${tail}`;
  if (indent + line.length <= width) return line;
  return broken({ open: `${head}{`, items: [entry], close: `}${tail}`, indent });
}

/** The value after `head`, below it where it does not fit beside it. */
export function valueOf(head: string, value: string, tail: string, indent: number): string {
  const line = `${head} ${value}${tail}`;
  return indent + line.length <= width ? line : `${head}\n${' '.repeat(indent + 2)}${value}${tail}`;
}

/** A value of these parts, with the calls after it below each other where they do not fit. */
export function chain(
  head: string,
  calls: readonly string[],
  tail: string,
  indent: number,
): string {
  const line = head + calls.join('') + tail;
  if (indent + line.length <= width) return line;
  const pad = ' '.repeat(indent + 2);
  return `${head}\n${calls.map((each) => pad + each).join('\n')}${tail}`;
}

interface Group {
  readonly open: string;
  readonly items: readonly string[];
  readonly close: string;
  readonly indent: number;
}

function laidOut(group: Group): string {
  const line = group.open + group.items.join(', ') + group.close;
  return group.indent + line.length <= width ? line : broken(group);
}

function broken({ open, items, close, indent }: Group): string {
  const pad = ' '.repeat(indent);
  return [open, ...items.map((item) => `${pad}  ${item},`), pad + close].join('\n');
}
