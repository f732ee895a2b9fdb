import { type Node, type ParseError, parseTree } from 'jsonc-parser';

export type JsonPath = readonly string[];

/** A key of an object, with what it names. */
export interface Property {
  readonly property: Node;
  readonly value: Node;
}

/** JSON with comments as a tree; undefined when it is damaged, or an object has a key twice. */
export function jsonTree(text: string): Node | undefined {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  return tree === undefined || errors.length > 0 || hasDoubleKey(tree) ? undefined : tree;
}

/** The properties of an object by their keys, in order; none for anything else. */
export function propertiesOf(node: Node | undefined): Map<string, Property> {
  const found = new Map<string, Property>();
  for (const property of node?.type === 'object' ? (node.children ?? []) : []) {
    const [key, value] = property.children ?? [];
    if (key !== undefined && value !== undefined) found.set(keyOf(key), { property, value });
  }
  return found;
}

/** What the path names; undefined when there is nothing. */
export function nodeAt(tree: Node, path: JsonPath): Node | undefined {
  return path.reduce<Node | undefined>((node, key) => propertiesOf(node).get(key)?.value, tree);
}

/** Whether both are the same as data: neither the order of keys nor the layout counts. */
export function sameData(a: Node | undefined, b: Node | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.type !== b.type) return false;
  const [ours, theirs] = [a.children ?? [], b.children ?? []];
  if (a.type === 'array') {
    return ours.length === theirs.length && ours.every((item, at) => sameData(item, theirs[at]));
  }
  if (a.type !== 'object') return a.value === b.value;
  const others = propertiesOf(b);
  return (
    ours.length === theirs.length &&
    [...propertiesOf(a)].every(([key, { value }]) => sameData(value, others.get(key)?.value))
  );
}

function keyOf(node: Node): string {
  return String(node.value);
}

function hasDoubleKey(node: Node): boolean {
  const children = node.children ?? [];
  if (node.type === 'object' && propertiesOf(node).size !== children.length) return true;
  return children.some((child) => hasDoubleKey(child));
}
