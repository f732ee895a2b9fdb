/** One file of a project, in memory. */
export interface Entry {
  /** Text, or its bytes, or other bytes. */
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
  const isProgram =
    typeof content === 'string'
      ? content.startsWith('#!')
      : content[0] === 0x23 && content[1] === 0x21;
  return isProgram ? 0o755 : 0o644;
}

/** The text of a file. */
export function textOf(content: string | Uint8Array): string {
  return typeof content === 'string' ? content : asBuffer(content).toString();
}

/** The same bytes with the methods of a Buffer. */
export function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** The tree with its paths in the order of their bytes, the same on every machine. */
export function sorted(tree: Tree): Tree {
  return new Map([...tree].toSorted(([a], [b]) => (a < b ? -1 : Number(a > b))));
}
