import { mailDelivery } from '../mail/send-mail.ts';
import type { Delivery } from './delivery.ts';

/** Everything that the outbox delivers. */
export const deliveries: readonly Delivery<unknown>[] = [mailDelivery];
