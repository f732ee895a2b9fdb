import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Writes a file that only its owner may read, as a whole: nobody ever sees half of it. */
export function writePrivate(file: string, text: string): void {
  const next = `${file}.${randomUUID()}.new`;
  writeFileSync(next, text, { mode: 0o600 });
  renameSync(next, file);
}

/** The text of a file, or undefined if there is none. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The JSON that was written; nothing where a full disk or a power cut has left only a part of it. */
export function parseIfWhole(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
