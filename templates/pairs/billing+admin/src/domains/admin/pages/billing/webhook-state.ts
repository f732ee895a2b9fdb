// States of events as HTML, and how many there are in one.
import { countedUpTo } from '#app/domains/billing/webhooks/event-counts.ts';
import type { EventState } from '#app/domains/billing/webhooks/stored-events.ts';
import { state } from '../components/values.ts';

const moods: Partial<Record<EventState, 'good' | 'bad'>> = {
  processed: 'good',
  failed: 'bad',
  dead: 'bad',
};

export function eventState(value: EventState): string {
  return state(value, moods[value]);
}

/** A number of events; they are counted up to some number only. */
export function eventCount(count: number): string {
  return `${Math.min(count, countedUpTo).toLocaleString('en')}${count > countedUpTo ? '+' : ''}`;
}
