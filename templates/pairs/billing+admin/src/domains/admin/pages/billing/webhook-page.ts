// One event that Stripe has sent, and what can be done about it.
import { html } from 'ghtml';
import { z } from 'zod';
import {
  discardEvent,
  findEvent,
  readPayload,
  replayEvent,
  type Outcome,
} from '#app/domains/billing/webhooks/stored-events.ts';
import { notFound } from '#app/http/errors.ts';
import { actorOf } from '../../operator.ts';
import { facts } from '../components/facts.ts';
import { link, moment, section, text } from '../components/values.ts';
import { defineAction, defineAdminPage } from '../define-page.ts';
import { webhookRefused } from './errors.ts';
import { stripeLink } from './values.ts';
import { eventState } from './webhook-state.ts';

/** The number of its row, or Stripe's id. */
const params = z.object({ id: z.string().regex(/^(?:\d{1,15}|evt_\w{1,250})$/) });

const payload = defineAction({
  label: 'Show what Stripe has sent',
  permission: 'webhooks.payload',
  params,
  done: 'It was shown.',
  run: async ({ services: { database }, operator, params: { id } }) => {
    const event = await readPayload(database, id, actorOf(operator));
    if (event === undefined) throw notFound();
    return {
      title: `Payload of ${event.eventId}`,
      content: html`<p>!${link(`/admin/webhooks/${event.id}`, 'Back to the event')}</p>
        <pre role="region" aria-label="Payload" tabindex="0">
${pretty(event.payload.toString())}</pre>`,
    };
  },
});

const replay = defineAction({
  label: 'Process it again',
  permission: 'webhooks.change',
  params,
  done: 'It is processed again, within seconds. What was made for it before is not made twice.',
  refusals: [webhookRefused],
  run: async ({ services: { database }, operator, params: { id } }) => {
    requireDone(await replayEvent(database, id, actorOf(operator)));
  },
});

const discard = defineAction({
  label: 'Discard',
  permission: 'webhooks.change',
  params,
  input: z.object({
    reason: z.string().trim().min(3, 'Say why, in at least 3 characters.').max(500),
  }),
  fields: {
    reason: {
      kind: 'text',
      label: 'Why nothing is to be done about it',
      hint: 'It is kept in the audit log.',
      maxLength: 500,
    },
  },
  done: 'Nothing is done about it any more.',
  refusals: [webhookRefused],
  run: async ({ services: { database }, operator, params: { id }, input: { reason } }) => {
    requireDone(await discardEvent(database, id, actorOf(operator), reason));
  },
});

export const webhookPage = defineAdminPage({
  path: '/webhooks/:id',
  permission: 'webhooks.read',
  params,
  load: async ({ services: { settings, database }, params: { id } }) => {
    const event = await findEvent(database, id);
    if (event === undefined) throw notFound();
    return { event, atStripe: stripeLink(settings) };
  },
  title: ({ event }) => `Webhook ${event.eventId}`,
  view: ({ event, atStripe }, view) =>
    html`!${facts([
      ['Event', atStripe(event.eventId)],
      ['Type', text(event.type)],
      ['State', eventState(event.state)],
      ['Attempts', text(event.attempts)],
      ['Last error', text(event.lastError)],
      ['Due', moment(event.availableAt)],
      ['Received', moment(event.receivedAt)],
      ['Processed', moment(event.processedAt)],
      ['Happened', moment(new Date(event.eventCreated * 1000))],
      ['Money', text(event.livemode ? 'real' : 'of test mode')],
      ['API version', text(event.apiVersion)],
    ])}
    !${view.form('payload')} !${view.form('replay')}
    !${view.may(discard.permission) ? section('Discard it', view.form('discard')) : ''}`,
  actions: { payload, replay, discard },
});

const refusals: Record<Exclude<Outcome, 'done' | 'missing'>, string> = {
  received: 'It is waiting to be processed already.',
  processing: 'It is being processed just now: look again in a minute.',
  processed: 'It is processed already.',
  ignored: 'It is ignored already.',
  failed: 'It has failed.',
  dead: 'It was given up.',
};

/** @throws AppError webhook_refused where the event's state does not allow it, or not_found */
function requireDone(outcome: Outcome): void {
  if (outcome === 'done') return;
  if (outcome === 'missing') throw notFound();
  throw webhookRefused({ detail: refusals[outcome] });
}

function pretty(sent: string): string {
  try {
    return JSON.stringify(JSON.parse(sent), null, 2);
  } catch {
    // Whoever signed it may have signed anything: then as it is.
    return sent;
  }
}
