import type { Transaction } from '#app/database/transaction.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { AccountJob, Job } from './define-job.ts';
import { jobDelivery } from './job-delivery.ts';

/**
 * Has a job done when the transaction is committed, and not at all where it is rolled back.
 *
 * @returns the key that the job will have
 * @throws ZodError where the payload is not one of this job's
 */
export function enqueueJob<Payload>(
  outbox: Outbox,
  tx: Transaction,
  job: Job<Payload>,
  payload: Payload,
): Promise<string> {
  return outbox.enqueue(tx, jobDelivery, { name: job.name, payload: job.payload.parse(payload) });
}

/**
 * The same for a job that belongs to an account.
 *
 * @param accountId from a session, a token or a row; never from input
 */
export function enqueueAccountJob<Payload>(
  outbox: Outbox,
  tx: Transaction,
  accountId: string,
  job: AccountJob<Payload>,
  payload: Payload,
): Promise<string> {
  const { name } = job;
  return outbox.enqueue(tx, jobDelivery, { name, accountId, payload: job.payload.parse(payload) });
}
