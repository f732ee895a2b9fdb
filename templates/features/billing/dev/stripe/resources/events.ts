import { missing } from '../api/errors.ts';
import { pageOf } from '../api/lists.ts';
import { integerOf, objectOf, textOf, textsOf } from '../api/params.ts';
import type { Routes } from '../api/routes.ts';

export const eventRoutes: Routes = {
  'GET /v1/events': ({ state, params }) => {
    const type = textOf(params, 'type');
    const types = textsOf(params, 'types');
    const created = objectOf(params, 'created');
    const since = integerOf(created, 'gte') ?? (integerOf(created, 'gt') ?? -1) + 1;
    const found = [...state.events.values()].filter(
      (event) =>
        event.created >= since &&
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
