import { isDuplicate } from '#app/database/errors.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { queueJobEffects } from './models.ts';

/**
 * Notes that a job is having its effect, in the transaction that makes it. A job whose process was
 * killed after that commit is begun again, and does nothing then.
 *
 * @param key of the job
 * @param effect tells several such effects of one job apart
 * @returns false where it was made before: do nothing
 */
export async function once(tx: Transaction, key: string, effect = 'effect'): Promise<boolean> {
  try {
    await tx.insert(queueJobEffects).values({ jobId: key, effect });
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}
