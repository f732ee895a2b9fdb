// What Stripe has sent, and what has become of it.
import { html } from 'ghtml';
import { z } from 'zod';
import { countEvents } from '#app/domains/billing/webhooks/event-counts.ts';
import {
  eventStates,
  pageOfEvents,
  replayDead,
  type EventState,
  type StoredEvent,
} from '#app/domains/billing/webhooks/stored-events.ts';
import { actorOf } from '../../operator.ts';
import { renderField } from '../components/form.ts';
import { pager } from '../components/pager.ts';
import { table } from '../components/table.ts';
import { link, moment, text } from '../components/values.ts';
import { defineAction, defineAdminPage } from '../define-page.ts';
import { eventCount, eventState } from './webhook-state.ts';

const pageSize = 50;
/** Events that are replayed at once: each is a transaction. */
const batch = 100;

const query = z.object({
  state: z.enum(eventStates).optional().catch(undefined),
  // The column takes ASCII alone, and no other text can be compared with it.
  type: z
    .string()
    .trim()
    .max(100)
    .regex(/^[\x20-\x7e]*$/)
    .transform((value) => value || undefined)
    .optional()
    .catch(undefined),
  order: z.enum(['newest', 'oldest']).catch('newest'),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional()
    .catch(undefined),
});
type Query = z.output<typeof query>;

const replayAllDead = defineAction({
  label: 'Process again all that were given up',
  permission: 'webhooks.change',
  done: `The oldest of those that were given up are processed again, ${batch} at a time: the counts say how many are left.`,
  run: async ({ services: { database }, operator }) => {
    await replayDead(database, { actor: actorOf(operator), limit: batch });
  },
});

export const webhooksPage = defineAdminPage({
  path: '/webhooks',
  title: 'Webhooks',
  navigation: 'Webhooks',
  permission: 'webhooks.read',
  query,
  load: async ({ services: { database }, query: asked }) => {
    const { state, type, order, cursor } = asked;
    const after = cursor === undefined ? undefined : Number(cursor);
    const oldestFirst = order === 'oldest';
    const [counts, page] = await Promise.all([
      countEvents(database),
      pageOfEvents(database, { state, type, oldestFirst, after, limit: pageSize }),
    ]);
    return { counts, asked, ...page };
  },
  view: ({ counts, asked, events, next }, view) => {
    const { state, type, order } = asked;
    return html`!${countList(counts)} !${counts.dead === 0 ? '' : view.form('replayAllDead')}
    !${filter(asked, view.path)} !${eventTable(events)}
    !${pager(view.path, { state, type, order }, next?.toString())}`;
  },
  actions: { replayAllDead },
});

function countList(counts: Record<EventState, number>): string {
  return html`<ul class="counts">
    !${eventStates.map(
      (state) =>
        html`<li>
          <a href="/admin/webhooks?state=${state}">!${eventState(state)}</a>
          ${eventCount(counts[state])}
        </li>`,
    )}
  </ul>`;
}

function filter({ state, type, order }: Query, path: string): string {
  const states = eventStates.map((value) => ({ value, label: value }));
  return html`<form method="get" action="${path}" class="filters">
    !${renderField(
      {
        kind: 'select',
        label: 'State',
        optional: true,
        options: [{ value: '', label: 'any' }, ...states],
      },
      { id: 'filter-state', name: 'state', value: state ?? '', error: undefined },
    )}
    !${renderField(
      { kind: 'text', label: 'Type', optional: true, maxLength: 100 },
      { id: 'filter-type', name: 'type', value: type ?? '', error: undefined },
    )}
    !${renderField(
      {
        kind: 'select',
        label: 'Order',
        options: [
          { value: 'newest', label: 'newest first' },
          { value: 'oldest', label: 'oldest first' },
        ],
      },
      { id: 'filter-order', name: 'order', value: order, error: undefined },
    )}
    <button>Filter</button>
  </form>`;
}

function eventTable(events: readonly StoredEvent[]): string {
  return table(
    events,
    [
      { title: 'Event', cell: ({ id, eventId }) => link(`/admin/webhooks/${id}`, eventId) },
      { title: 'Type', cell: ({ type }) => text(type) },
      { title: 'State', cell: ({ state }) => eventState(state) },
      { title: 'Attempts', cell: ({ attempts }) => text(attempts), align: 'end' },
      { title: 'Received', cell: ({ receivedAt }) => moment(receivedAt) },
      { title: 'Last error', cell: ({ lastError }) => text(lastError) },
    ],
    { caption: 'Events of Stripe', empty: 'There is no such event.' },
  );
}
