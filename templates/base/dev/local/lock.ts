import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseIfWhole } from './files.ts';
import { isRunning, thisProcess } from './processes.ts';
import type { ProcessId } from './processes.ts';

type Line = Ticket | { done: string };

interface Ticket extends ProcessId {
  id: string;
  /** The queue that it was written to: in a copy of the folder it does not count. */
  file: string;
}

/**
 * Runs `action` while no other process holds the lock, in order of arrival.
 *
 * The lock is a queue in a file: a process adds its line, and has its turn when every line above it
 * is done or belongs to a process that has ended. Lines are only ever appended, so all processes
 * see one order, and nobody has to break the lock of a holder that was killed.
 *
 * @param file the queue; its folder exists
 * @param signal gives up waiting
 */
export async function withLock<T>(
  file: string,
  signal: AbortSignal | undefined,
  action: () => Promise<T>,
): Promise<T> {
  const ticket: Ticket = { id: randomUUID(), file, ...thisProcess() };
  append(file, ticket);
  try {
    await turn(file, ticket, signal);
    shorten(file, ticket);
    return await action();
  } finally {
    append(file, { done: ticket.id });
  }
}

async function turn(file: string, ticket: Ticket, signal: AbortSignal | undefined): Promise<void> {
  for (;;) {
    const { tickets, done } = read(file);
    const place = tickets.findIndex(({ id }) => id === ticket.id);
    if (place === -1) {
      // The holder has just shortened the file and did not see this line yet.
      append(file, ticket);
      continue;
    }
    const ahead = tickets.slice(0, place).filter(({ id }) => !done.has(id));
    if (!ahead.some(isRunning)) return;
    await delay(25, undefined, { signal });
  }
}

/** Only the holder may do this: who waits then finds its line missing and adds it again. */
function shorten(file: string, ticket: Ticket): void {
  if (readFileSync(file).length < 16_384) return;
  const next = `${file}.${ticket.id}`;
  writeFileSync(next, `${JSON.stringify(ticket)}\n`);
  renameSync(next, file);
}

/** Begins a line of its own, whatever a full disk has left of the one before. */
function append(file: string, line: Line): void {
  appendFileSync(file, `\n${JSON.stringify(line)}\n`, { mode: 0o600 });
}

function read(file: string): { tickets: Ticket[]; done: Set<string> } {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  const entries = lines.flatMap((line) => (parseIfWhole(line) as Line | undefined) ?? []);
  return {
    tickets: entries.filter((entry) => 'id' in entry).filter((entry) => entry.file === file),
    done: new Set(entries.flatMap((entry) => ('done' in entry ? [entry.done] : []))),
  };
}
