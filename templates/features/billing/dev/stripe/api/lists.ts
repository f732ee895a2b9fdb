import type { Stripe } from 'stripe';
import { invalidParameter, missing } from './errors.ts';
import { integerOf, textOf, type Params } from './params.ts';

/** A list that is whole. */
export function wholeList<T>(url: string, data: T[]): Stripe.ApiList<T> {
  return { object: 'list', data, has_more: false, url };
}

/** A page of what is there, the newest first: https://docs.stripe.com/api/pagination */
export function pageOf<T extends { id: string }>(
  url: string,
  items: Iterable<T>,
  params: Params,
): Stripe.ApiList<T> {
  const limit = integerOf(params, 'limit') ?? 10;
  if (limit < 1 || limit > 100) throw invalidParameter('limit', 'Limit must be from 1 to 100.');
  const all = [...items].toReversed();
  const after = textOf(params, 'starting_after');
  const before = textOf(params, 'ending_before');
  if (before !== undefined) {
    const end = positionOf(all, before, 'ending_before');
    const start = Math.max(0, end - limit);
    return { object: 'list', data: all.slice(start, end), has_more: start > 0, url };
  }
  const start = after === undefined ? 0 : positionOf(all, after, 'starting_after') + 1;
  const data = all.slice(start, start + limit);
  return { object: 'list', data, has_more: start + limit < all.length, url };
}

function positionOf(items: readonly { id: string }[], id: string, param: string): number {
  const position = items.findIndex((item) => item.id === id);
  if (position < 0) throw missing('object', id, param);
  return position;
}
