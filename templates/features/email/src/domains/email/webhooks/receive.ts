import type { IncomingHttpHeaders } from 'node:http';
import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import { takeOnce } from '#app/platform/email/events.ts';
import type { EmailSettings } from '#app/platform/email/settings.ts';
import { emailEventsNotConfigured, invalidEventSignature } from '../errors.ts';
import { suppressAddress } from '../suppression-acts.ts';
import { readEvent } from './event.ts';
import { signedId } from './signature.ts';

export interface EventDeps {
  readonly settings: Pick<EmailSettings, 'RESEND_WEBHOOK_SECRETS'>;
  readonly database: Database;
  readonly log: Log;
}

/**
 * Takes an event as it came. Resolves when what it says is written down.
 *
 * @throws invalid_event_signature where nobody whom we know has signed it, malformed_request where it
 *   is no event, email_events_not_configured where no secret is set
 */
export async function receiveEvent(
  { settings, database, log }: EventDeps,
  payload: Buffer,
  headers: IncomingHttpHeaders,
): Promise<'received' | 'duplicate' | 'ignored'> {
  const { RESEND_WEBHOOK_SECRETS: secrets } = settings;
  if (secrets === undefined) {
    throw emailEventsNotConfigured({ detail: 'RESEND_WEBHOOK_SECRETS is not set.' });
  }
  const id = signedId(payload, headers, secrets);
  if (id === undefined) throw invalidEventSignature();
  const against = readEvent(payload);
  if (against === undefined) return 'ignored';

  const { addresses, ...why } = against;
  return database.transaction(async (tx) => {
    if (!(await takeOnce(tx, id))) return 'duplicate';
    let suppressed = 0;
    // In one order, so that two events wait for each other.
    for (const address of new Set(addresses.toSorted())) {
      const act = { address, ...why, actor: 'system' };
      if (await suppressAddress(tx, act)) suppressed += 1;
    }
    const about = { eventId: id, reason: why.reason, suppressed };
    tx.afterCommit(() => log.info(about, 'an event speaks against an address'));
    return 'received';
  });
}
