import type { Stripe } from 'stripe';
import { missing } from '../api/errors.ts';
import { pageOf } from '../api/lists.ts';
import { flagOf, integerOf, objectOf, textOf, textsOf, type Params } from '../api/params.ts';
import type { Routes } from '../api/routes.ts';

export const eventRoutes: Routes = {
  'GET /v1/events': ({ state, params }) => {
    const type = textOf(params, 'type');
    const types = textsOf(params, 'types');
    const delivered = flagOf(params, 'delivery_success');
    const found = [...state.events.values()].filter(
      (event) =>
        isCreatedIn(params, event) &&
        (delivered === undefined || isDelivered(event) === delivered) &&
        (type === undefined || event.type === type) &&
        (types.length === 0 || types.includes(event.type)),
    );
    return pageOf('/v1/events', found, params);
  },
  'GET /v1/events/:id': ({ state, id }) => {
    const event = state.events.get(id);
    if (!event) throw missing('event', id);
    return event;
  },
};

/** Whether each endpoint has taken it. One that is on its way is as little delivered as a lost one. */
function isDelivered({ pending_webhooks: pending }: Stripe.Event): boolean {
  return pending === 0;
}

/** @param params where `created` is a moment, or has the bounds of a range */
function isCreatedIn(params: Params, { created }: Stripe.Event): boolean {
  const range = objectOf(params, 'created');
  const at = integerOf(params, 'created');
  const [gt, gte, lt, lte] = ['gt', 'gte', 'lt', 'lte'].map((name) => integerOf(range, name));
  return (
    (at === undefined || created === at) &&
    (gt === undefined || created > gt) &&
    (gte === undefined || created >= gte) &&
    (lt === undefined || created < lt) &&
    (lte === undefined || created <= lte)
  );
}
