import type { Stripe } from 'stripe';
import { refused } from '../api/errors.ts';
import { needed, textOf } from '../api/params.ts';
import type { Routes } from '../api/routes.ts';
import { newId } from '../state.ts';
import { customerOf } from './customers.ts';

export const portalRoutes: Routes = {
  'POST /v1/billing_portal/sessions': ({ state, params }) => {
    if (state.portalIsMissing) {
      throw refused(
        'No configuration provided and your test mode default configuration has not been created.',
      );
    }
    const customer = customerOf(state, needed(params, 'customer'), 'customer');
    const id = newId('bps');
    const session: Stripe.BillingPortal.Session = {
      id,
      object: 'billing_portal.session',
      configuration: 'bpc_default',
      created: state.now(),
      customer: customer.id,
      customer_account: null,
      flow: null,
      livemode: false,
      locale: null,
      on_behalf_of: null,
      return_url: textOf(params, 'return_url') ?? null,
      url: `${state.url}/portal/${id}`,
    };
    state.portalSessions.set(id, session);
    return session;
  },
};
