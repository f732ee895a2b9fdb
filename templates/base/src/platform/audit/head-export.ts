// Tells where the audit log ends to who keeps it outside the database: entries that are taken off its
// end show only there.
import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import { failureOf } from '../failure.ts';
import { startLoop } from '../loop.ts';
import type { Head } from './chain.ts';
import { readHash, readHead } from './read.ts';
import type { AuditSettings } from './settings.ts';

/** Milliseconds between two heads. */
const hour = 3_600_000;
/** Milliseconds that whoever takes it may need to answer. */
const answerTime = 10_000;

/**
 * Writes the head into the process's log each hour, and sends it to AUDIT_HEAD_URL as
 * `{"sequence":…,"hash":"…"}` where that is set. A failure is logged, and stops nothing; an entry
 * that was told before and is not there any more is logged as an error.
 *
 * @param options.pause milliseconds between two heads; `patience` for an answer; for tests
 */
export async function openAuditExport(
  deps: { settings: AuditSettings & { NODE_ENV: string }; log: Log; database: Database },
  { pause = hour, patience = answerTime }: { pause?: number; patience?: number } = {},
): Promise<{ close(): Promise<void> }> {
  const { settings, log, database } = deps;
  const url = settings.AUDIT_HEAD_URL;
  // Nobody keeps what a terminal shows.
  const level = settings.NODE_ENV === 'development' ? 'debug' : 'info';
  let told: Head | undefined;
  return startLoop({ name: 'audit head', pause, log }, async (closing) => {
    if (told !== undefined && (await readHash(database, told.sequence))?.equals(told.hash) !== true)
      log.error({ sequence: told.sequence }, 'the audit log lost an entry, or has another instead');
    const head = await readHead(database);
    told = head;
    if (head === undefined) return;
    log[level]({ sequence: head.sequence, hash: head.hash.toString('hex') }, 'audit head');
    if (url === undefined) return;
    const signal = AbortSignal.any([closing, AbortSignal.timeout(patience)]);
    await send(url, head, { log, closing, signal });
  });
}

async function send(
  url: string,
  { sequence, hash }: Head,
  { log, closing, signal }: { log: Log; closing: AbortSignal; signal: AbortSignal },
): Promise<void> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sequence, hash: hash.toString('hex') }),
      redirect: 'error',
      signal,
    });
    await response.body?.cancel();
    if (!response.ok) log.warn({ status: response.status }, 'the audit head was not taken');
  } catch (error) {
    // Not the message, which may quote the URL: that can hold what lets in whoever knows it.
    if (!closing.aborted) log.warn(failureOf(error), 'the audit head could not be sent');
  }
}
