import { defineError } from '#app/errors.ts';

export const invalidEventSignature = defineError(
  'invalid_event_signature',
  400,
  'Signature of the event is not valid',
);
export const emailEventsNotConfigured = defineError(
  'email_events_not_configured',
  503,
  'Events about mails are not set up',
);
