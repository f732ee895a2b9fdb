// The app logs one JSON object a line, for programs. In development a person reads it.
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { styleText } from 'node:util';
import { parseIfWhole } from './local/files.ts';

type Entry = Record<string, unknown>;

const colours = { warn: 'yellow', error: 'red', fatal: 'red' } as const;

/** Prints what the app logs, in a form to be read. What is no log line is printed as it is. */
export function printReadable(output: Readable): void {
  createInterface({ input: output }).on('line', (line) => console.log(readable(line)));
}

/** A line of the log, to be read. */
export function readable(line: string): string {
  const entry = parseIfWhole(line);
  if (!isEntry(entry)) return line;
  const { time, level, msg, ...rest } = entry;
  const clock = styleText('dim', new Date(String(time)).toLocaleTimeString('en-GB'));
  const colour = colours[level as keyof typeof colours] ?? 'reset';
  const text = msg === 'request' ? request(rest) : `${String(msg)}${fields(rest)}`;
  return `${clock} ${styleText(colour, text)}`;
}

function request({ method, path, status, durationMs, requestId }: Entry): string {
  const colour = Number(status) < 400 ? 'green' : 'yellow';
  const code = styleText(colour, String(status));
  const id = styleText('dim', String(requestId));
  return `${String(method)} ${String(path)} ${code} ${String(durationMs)} ms ${id}`;
}

function fields({ err, ...rest }: Entry): string {
  const pairs = Object.entries(rest).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  return pairs.join('') + (err === undefined ? '' : `\n${JSON.stringify(err, null, 2)}`);
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && 'time' in value && 'msg' in value;
}
