import type { RouteCalls } from './route-call.ts';

export const authCalls: RouteCalls = {
  'delete /v1/auth/sessions/{id}': async (tenant) => {
    const { body } = await tenant.get('/v1/auth/sessions');
    return { params: { id: body.sessions[0].id } };
  },
};
