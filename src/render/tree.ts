/** One file of a project, in memory. */
export interface Entry {
  readonly content: string | Uint8Array;
  readonly mode: number;
  /** The owner's from the first moment: written once, never rendered again. */
  readonly once?: true;
}

/** A project in memory: its files by their path, which is relative and has forward slashes. */
export type Tree = Map<string, Entry>;

/** The mode of a file: readable by its owner alone, a program, or plain. */
export function modeOf(path: string, content: string | Uint8Array): number {
  if (path === '.env' || path.startsWith('secrets/')) return 0o600;
  return typeof content === 'string' && content.startsWith('#!') ? 0o755 : 0o644;
}

/** The tree with its paths in the order of their bytes, the same on every machine. */
export function sorted(tree: Tree): Tree {
  return new Map([...tree].toSorted(([a], [b]) => (a < b ? -1 : Number(a > b))));
}
