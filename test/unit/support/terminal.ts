import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';

export const enter = '\r';
export const down = '\u001B[B';
export const space = ' ';
export const escape = '\u001B';

/** A question that contains the words, and the keys that answer it. */
export type Step = readonly [words: string, ...keys: string[]];

/** A terminal at which somebody answers one question after the other. */
export function terminalOf(script: readonly Step[]) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input });
  const output = Object.assign(new PassThrough(), { columns: 100, rows: 40, isTTY: true });
  let shown = '';
  const steps = script.values();
  let next = steps.next();
  output.on('data', (chunk: Buffer) => {
    shown += stripVTControlCharacters(String(chunk));
    if (next.done === true || !shown.includes(next.value[0])) return;
    shown = shown.slice(shown.indexOf(next.value[0]) + next.value[0].length);
    const [, ...keys] = next.value;
    next = steps.next();
    // Once the question listens.
    setImmediate(() => {
      for (const key of keys) input.write(key);
    });
  });
  return { input, output };
}
