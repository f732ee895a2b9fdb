import { chargeDisputeClosed } from '#app/domains/billing/webhooks/handlers/charge-dispute-closed.ts';
import { chargeDisputeCreated } from '#app/domains/billing/webhooks/handlers/charge-dispute-created.ts';
import { chargeRefunded } from '#app/domains/billing/webhooks/handlers/charge-refunded.ts';
import { invoicePaid } from '#app/domains/billing/webhooks/handlers/invoice-paid.ts';
import { invoicePaymentActionRequired } from '#app/domains/billing/webhooks/handlers/invoice-payment-action-required.ts';
import { invoicePaymentFailed } from '#app/domains/billing/webhooks/handlers/invoice-payment-failed.ts';
import { refundFailed } from '#app/domains/billing/webhooks/handlers/refund-failed.ts';
import { refundUpdated } from '#app/domains/billing/webhooks/handlers/refund-updated.ts';
import type { Handler } from '#app/domains/billing/webhooks/handler.ts';

/** The events that tell of money that was received, or went back. */
export const moneyHandlers: readonly Handler[] = [
  invoicePaid,
  invoicePaymentFailed,
  invoicePaymentActionRequired,
  chargeRefunded,
  refundUpdated,
  refundFailed,
  chargeDisputeCreated,
  chargeDisputeClosed,
];
