import { defineError } from '#app/errors.ts';

export const webhookRefused = defineError(
  'webhook_refused',
  409,
  'Not in the state that the event is in',
);
