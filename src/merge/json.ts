import type { Node } from 'jsonc-parser';
import type { Merged, ThreeTexts } from './change.ts';
import { markDifferences } from './marks.ts';
import {
  indentUnit,
  insertProperty,
  lineIndent,
  removeProperty,
  replaceNode,
} from './json-edit.ts';
import { jsonTree, type JsonPath, nodeAt, propertiesOf, sameData } from './json-tree.ts';

/** One value that is to be as `theirs` has it, or to go where theirs has none. */
interface Step {
  readonly path: JsonPath;
  readonly value: Node | undefined;
}

interface Plan {
  readonly steps: Step[];
  readonly contradictions: Step[];
  readonly notes: Merged['notes'][number][];
}

interface Versions {
  readonly base: Node | undefined;
  readonly ours: Node | undefined;
  readonly theirs: Node | undefined;
}

/**
 * Lays what changed between `base` and `theirs` into `ours`, key by key. Lists are values. What is
 * not changed keeps its bytes: layout, order and comments are the owner's; a new key follows the
 * nearest key before it in `theirs` that stands. What the owner took away stays away, and what
 * they changed stays when it goes in `theirs`: both are noted.
 *
 * @returns undefined when one of the three is not JSON (comments and trailing commas allowed)
 */
export function mergeJson({ base, ours, theirs }: ThreeTexts): Merged | undefined {
  const trees = { base: jsonTree(base), ours: jsonTree(ours), theirs: jsonTree(theirs) };
  if (!trees.base || !trees.ours || !trees.theirs) return undefined;
  const source = { text: theirs, tree: trees.theirs };
  const plan: Plan = { steps: [], contradictions: [], notes: [] };
  compare([], trees, plan);

  const apply = (text: string, steps: readonly Step[]) =>
    steps.reduce((edited, step) => applyStep(edited, step, source), text);
  const merged = apply(ours, plan.steps);
  if (plan.contradictions.length === 0) return { text: merged, conflicts: [], notes: plan.notes };
  return { ...markDifferences(merged, apply(merged, plan.contradictions)), notes: plan.notes };
}

function compare(path: JsonPath, versions: Versions, plan: Plan): void {
  const { base, ours, theirs } = versions;
  if (sameData(base, theirs) || sameData(ours, theirs)) return;
  const step = { path, value: theirs };
  if (theirs === undefined && isPartOf(ours, base)) plan.steps.push(step);
  else if (areObjects(versions)) compareKeys(path, versions, plan);
  else if (sameData(ours, base)) plan.steps.push(step);
  else if (ours === undefined) plan.notes.push(stayedAway(path));
  else if (theirs === undefined) plan.notes.push(stayed(path));
  else plan.contradictions.push(step);
}

function compareKeys(path: JsonPath, { base, ours, theirs }: Versions, plan: Plan): void {
  const [before, mine, after] = [propertiesOf(base), propertiesOf(ours), propertiesOf(theirs)];
  for (const key of new Set([...after.keys(), ...before.keys()])) {
    const versions = {
      base: before.get(key)?.value,
      ours: mine.get(key)?.value,
      theirs: after.get(key)?.value,
    };
    compare([...path, key], versions, plan);
  }
}

/** Whether the owner's is an object, and so is each of the others that is there. */
function areObjects({ base, ours, theirs }: Versions): boolean {
  const others = [base, theirs].filter((node) => node !== undefined);
  return ours?.type === 'object' && others.every(({ type }) => type === 'object');
}

/** Whether everything in `part` stands in `whole` as well, so that it can go with it. */
function isPartOf(part: Node | undefined, whole: Node | undefined): boolean {
  if (sameData(part, whole)) return true;
  if (part?.type !== 'object' || whole?.type !== 'object') return false;
  const all = propertiesOf(whole);
  return [...propertiesOf(part)].every(([key, { value }]) => isPartOf(value, all.get(key)?.value));
}

function stayedAway(path: JsonPath) {
  const reason = `You took ${path.join('.')} away: what changes in it was left out.`;
  return { kind: 'deleted' as const, reason };
}

function stayed(path: JsonPath) {
  const reason = `${path.join('.')} is no longer needed, and was kept because you changed it.`;
  return { kind: 'kept' as const, reason };
}

interface Source {
  readonly text: string;
  readonly tree: Node;
}

function applyStep(text: string, { path, value }: Step, theirs: Source): string {
  const tree = jsonTree(text);
  const parent = tree && nodeAt(tree, path.slice(0, -1));
  if (parent === undefined) throw new Error(`An edit of ${path.join('.')} broke the JSON.`);
  const key = path.at(-1);
  if (key === undefined) return theirs.text;

  const standing = propertiesOf(parent);
  const current = standing.get(key);
  if (value === undefined) return current ? removeProperty(text, parent, current.property) : text;
  const print = (indent: string | undefined) =>
    printValue(value, theirs.text, { indent, unit: indentUnit(text) });
  if (current !== undefined) {
    const indent = isOnOneLine(text, parent) ? undefined : lineIndent(text, current.property);
    return replaceNode(text, current.value, print(indent));
  }
  const previous = keysBefore(key, nodeAt(theirs.tree, path.slice(0, -1)))
    .map((name) => standing.get(name)?.property)
    .find((property) => property !== undefined);
  const printProperty = (indent: string | undefined) => `${JSON.stringify(key)}: ${print(indent)}`;
  return insertProperty(text, parent, previous, printProperty);
}

/** The keys before this one, the nearest first. */
function keysBefore(key: string, object: Node | undefined): string[] {
  const keys = [...propertiesOf(object).keys()];
  return keys.slice(0, keys.indexOf(key)).toReversed();
}

function isOnOneLine(text: string, { offset, length }: Node): boolean {
  return !text.slice(offset, offset + length).includes('\n');
}

interface Layout {
  readonly indent: string | undefined;
  readonly unit: string;
}

/** A value as its text has it, in the indentation of another; all on one line without an indent. */
function printValue(node: Node, text: string, { indent, unit }: Layout): string {
  if (indent === undefined) return onOneLine(node);
  const [first = '', ...rest] = text.slice(node.offset, node.offset + node.length).split('\n');
  const outer = lineIndent(text, node);
  const inner = indentUnit(text);
  const lines = rest.map((line) => {
    const deeper = /^[ \t]*/.exec(line.slice(outer.length))?.[0] ?? '';
    const depth = Math.round(deeper.length / inner.length);
    return indent + unit.repeat(depth) + line.slice(outer.length + deeper.length);
  });
  return [first, ...lines].join('\n');
}

function onOneLine(node: Node): string {
  if (node.type === 'array') return `[${(node.children ?? []).map(onOneLine).join(', ')}]`;
  if (node.type !== 'object') return JSON.stringify(node.value);
  const entries = [...propertiesOf(node)];
  const printed = entries.map(([key, { value }]) => `${JSON.stringify(key)}: ${onOneLine(value)}`);
  return printed.length === 0 ? '{}' : `{ ${printed.join(', ')} }`;
}
