// Changes JSON where it stands: one property at a time, everything around it byte for byte as it was.
import { applyEdits, type Edit, type Node } from 'jsonc-parser';

/** Writes a new property; `indent` is that of its line, undefined where it shares one. */
export type PrintProperty = (indent: string | undefined) => string;

/** The text with other text in the place of a value. */
export function replaceNode(text: string, { offset, length }: Node, content: string): string {
  return applyEdits(text, [{ offset, length, content }]);
}

/** The text with a property more in the object: after `previous`, or as the first. */
export function insertProperty(
  text: string,
  object: Node,
  previous: Node | undefined,
  print: PrintProperty,
): string {
  const first = object.children?.[0];
  if (first === undefined) return insertOnly(text, object, print);
  if (previous === undefined) return insertFirst(text, object, first, print);
  const indent = ownIndent(text, previous);
  const end = endOf(previous);
  if (indent === undefined) return insert(text, end, `, ${print(undefined)}`);
  const rest = restOfLine(text, end);
  const isLast = object.children?.at(-1) === previous;
  if (rest === undefined || !(rest.comma || isLast)) {
    return insert(text, end, `,\n${indent}${print(indent)}`);
  }
  // A comment at the end of the line stays with what it is about.
  if (rest.comma) return insert(text, rest.end, `\n${indent}${print(indent)},`);
  return applyEdits(text, [
    { offset: end, length: 0, content: ',' },
    { offset: rest.end, length: 0, content: `\n${indent}${print(indent)}` },
  ]);
}

/** The text without a property of the object, its line going with it. */
export function removeProperty(text: string, object: Node, property: Node): string {
  const siblings = object.children ?? [];
  const at = siblings.indexOf(property);
  const [previous, next] = [siblings[at - 1], siblings[at + 1]];
  const edits =
    lineRemoval(text, property, previous, next) ?? removal(text, property, previous, next);
  const removed = applyEdits(text, edits);
  return siblings.length === 1 ? withoutBlankInside(removed, object.offset) : removed;
}

/** How the text indents: what its first indented line begins with. */
export function indentUnit(text: string): string {
  return /^[ \t]+(?=["{}[\]])/m.exec(text)?.[0] ?? '  ';
}

/** What the line begins with on which the node stands. */
export function lineIndent(text: string, { offset }: Node): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset)))?.[0] ?? '';
}

function insertOnly(text: string, object: Node, print: PrintProperty): string {
  const inside = text.slice(object.offset + 1, endOf(object) - 1);
  const isBlank = inside.trim() === '';
  if (isBlank && !text.trim().includes('\n')) {
    return replaceNode(text, object, `{ ${print(undefined)} }`);
  }
  const outer = lineIndent(text, object);
  const indent = outer + indentUnit(text);
  const entry = `\n${indent}${print(indent)}`;
  if (!isBlank) return insert(text, object.offset + 1, entry);
  return replaceNode(text, object, `{${entry}\n${outer}}`);
}

function insertFirst(text: string, object: Node, first: Node, print: PrintProperty): string {
  const indent = ownIndent(text, first);
  if (indent === undefined) return insert(text, first.offset, `${print(undefined)}, `);
  const rest = restOfLine(text, object.offset + 1);
  const at = rest === undefined || rest.comma ? object.offset + 1 : rest.end;
  return insert(text, at, `\n${indent}${print(indent)},`);
}

/** Where the property has its lines for itself, they go whole. */
function lineRemoval(
  text: string,
  property: Node,
  previous: Node | undefined,
  next: Node | undefined,
): Edit[] | undefined {
  const rest = restOfLine(text, endOf(property));
  if (ownIndent(text, property) === undefined || rest === undefined) return undefined;
  if (next !== undefined && !rest.comma) return undefined;
  const start = lineStart(text, property.offset);
  const line = { offset: start, length: rest.end + 1 - start, content: '' };
  if (previous === undefined || rest.comma) return [line];
  return [{ offset: commaAfter(text, previous), length: 1, content: '' }, line];
}

function removal(
  text: string,
  property: Node,
  previous: Node | undefined,
  next: Node | undefined,
): Edit[] {
  if (next !== undefined) return cut(property.offset, next.offset);
  if (previous !== undefined) return cut(commaAfter(text, previous), endOf(property));
  const comma = /[ \t]*,/y;
  comma.lastIndex = endOf(property);
  return cut(property.offset, comma.test(text) ? comma.lastIndex : endOf(property));
}

function cut(from: number, to: number): Edit[] {
  return [{ offset: from, length: to - from, content: '' }];
}

function withoutBlankInside(text: string, offset: number): string {
  return text.slice(0, offset) + text.slice(offset).replace(/^\{\s*\}/, '{}');
}

/** What follows on the line, if it is no more than a comma and comments. */
function restOfLine(text: string, offset: number): { comma: boolean; end: number } | undefined {
  const rest = /[ \t]*(,?)[ \t]*(?:\/\*[^\n]*?\*\/[ \t]*)*(?:\/\/[^\n]*)?(?=\n)/y;
  rest.lastIndex = offset;
  const found = rest.exec(text);
  return found === null ? undefined : { comma: found[1] === ',', end: rest.lastIndex };
}

/** Where the comma stands that separates the property from the next one. */
function commaAfter(text: string, property: Node): number {
  const trivia = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
  trivia.lastIndex = endOf(property);
  trivia.exec(text);
  return trivia.lastIndex;
}

/** The indent of the line that begins with the node; undefined where something stands before it. */
function ownIndent(text: string, { offset }: Node): string | undefined {
  const before = text.slice(lineStart(text, offset), offset);
  return before.trim() === '' ? before : undefined;
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

function endOf({ offset, length }: Node): number {
  return offset + length;
}

function insert(text: string, offset: number, content: string): string {
  return applyEdits(text, [{ offset, length: 0, content }]);
}
