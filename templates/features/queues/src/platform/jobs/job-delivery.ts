import { z } from 'zod';
import { defineDelivery, DeliveryError } from '../outbox/delivery.ts';
import type { JobQueue } from './job-queue.ts';

declare module '../outbox/delivery.ts' {
  interface DeliveryServices {
    readonly jobQueue?: JobQueue;
  }
}

/** Has a job done. The outbox's key becomes the job's, so a delivery that is repeated adds none. */
export const jobDelivery = defineDelivery({
  kind: 'job',
  payload: z.strictObject({
    name: z.string(),
    accountId: z.string().optional(),
    payload: z.unknown(),
  }),
  async deliver({ name, accountId = null, payload }, { key, services: { jobQueue } }) {
    if (jobQueue === undefined) throw new DeliveryError('There is no queue');
    await jobQueue.take({ id: key, name, accountId }, payload);
  },
});
