import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Database } from '#app/database/database.ts';
import { emptyHead, formatHead } from '#app/platform/audit/chain.ts';
import { lineOf, readEntries, readHead } from '#app/platform/audit/read.ts';
import { verifyLog } from '#app/platform/audit/verify.ts';
import type { Sealing } from '#app/platform/sealing.ts';
import { CommandError } from '../run.ts';
import type { ExportOrder, HeadOrder, Order, VerifyOrder } from './order.ts';

/** Milliseconds between two words about how far it is. */
const patience = 1000;

interface Deps {
  readonly database: Database;
  readonly sealing: Sealing;
}

type Say = (sentence: string) => void;

/**
 * Carries an order out.
 *
 * @param output gets what was asked for; `say` what goes on
 * @throws CommandError (exit code 1) where the log is not as it was written
 */
export async function runAudit(
  order: Order,
  deps: Deps,
  output: Writable,
  say: Say,
): Promise<void> {
  switch (order.command) {
    case 'verify':
      return verify(order, deps, output, say);
    case 'head':
      return showHead(order, deps, output);
    case 'export':
      return exportEntries(order, deps, output, say);
  }
}

async function verify(
  { kept, json }: VerifyOrder,
  deps: Deps,
  output: Writable,
  say: Say,
): Promise<void> {
  const onProgress = progress(say, 'checked');
  const { entries, head, broken } = await verifyLog(deps, { kept, onProgress });
  if (broken !== undefined) {
    const before = entries === 0 ? '' : ` What is before it, up to ${entries}, is in order.`;
    const { id, kind } = broken;
    throw new CommandError(`${broken.reason}${before}`, 'unexpected', {
      entries,
      broken: { id, kind },
    });
  }
  const text = formatHead(head);
  const sentence =
    entries === 0
      ? 'Nothing is recorded yet.'
      : `All ${entries} entries are as they were written. The head is ${text}`;
  output.write(`${json ? JSON.stringify({ ok: true, entries, head: text }) : sentence}\n`);
}

async function showHead({ json }: HeadOrder, { database }: Deps, output: Writable): Promise<void> {
  const head = (await readHead(database)) ?? emptyHead;
  const { sequence, hash } = head;
  const line = json ? JSON.stringify({ sequence, hash: hash.toString('hex') }) : formatHead(head);
  output.write(`${line}\n`);
}

async function exportEntries(
  { since, until }: ExportOrder,
  { database }: Deps,
  output: Writable,
  say: Say,
): Promise<void> {
  const onProgress = progress(say, 'written');
  let unread: unknown;
  async function* lines(): AsyncGenerator<string> {
    let written = 0;
    try {
      for await (const entries of readEntries(database, { since, until })) {
        yield entries.map(lineOf).join('');
        written += entries.length;
        onProgress(written);
      }
    } catch (error) {
      unread = error;
      throw error;
    }
  }
  try {
    await pipeline(Readable.from(lines()), output, { end: false });
  } catch (error) {
    // Whoever reads it has seen enough, as `head` does; a database that is away may say the same.
    const isClosed = error instanceof Error && 'code' in error && error.code === 'EPIPE';
    if (!isClosed || error === unread) throw error;
  }
}

function progress(say: Say, done: string): (entries: number) => void {
  let saidAt = performance.now();
  return (entries) => {
    if (performance.now() - saidAt < patience) return;
    saidAt = performance.now();
    say(`${entries} entries ${done} so far.`);
  };
}
