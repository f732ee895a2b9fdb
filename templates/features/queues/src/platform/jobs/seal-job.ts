// How a job's payload lies in the database and in Redis: sealed for that job and its account, so that
// it opens nowhere else.
import type { Sealing } from '../sealing.ts';

export interface Identity {
  readonly id: string;
  readonly name: string;
  readonly accountId: string | null;
}

export function sealJob(sealing: Sealing, job: Identity, payload: unknown): Buffer {
  return sealing.seal(purposeOf(job), JSON.stringify({ payload }));
}

/** @throws SealingError where it was changed, or sealed for another job or account */
export function openJob(sealing: Sealing, job: Identity & { readonly payload: Buffer }): unknown {
  return JSON.parse(sealing.unseal(purposeOf(job), job.payload)).payload;
}

function purposeOf({ id, name, accountId }: Identity): string {
  return `job ${name} ${id} ${accountId ?? 'of nobody'}`;
}
