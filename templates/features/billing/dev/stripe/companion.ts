import { join } from 'node:path';
import { pricesOf } from '#app/domains/billing/define-plans.ts';
import { plans } from '#app/domains/billing/plans.ts';
import { nextPort } from '../local/ports.ts';
import type { StartCompanion } from '../companion.ts';
import { startFakeStripe } from './server.ts';

/** Milliseconds: the app may just be starting again. */
const retryAfterMs = 1000;

/** A Stripe of one's own for `npm run dev` where no key of the real one is set. */
export const fakeStripe: StartCompanion = async ({ environment, folder, appOrigin }) => {
  if (environment['STRIPE_SECRET_KEY']) return undefined;
  const stripe = await startFakeStripe({
    port: await nextPort(12_111, '127.0.0.1'),
    prices: pricesOf(plans),
    file: join(folder, 'state.json'),
    retryAfterMs,
  });
  stripe.deliverTo(() => `${appOrigin()}/webhooks/stripe`);
  return {
    variables: ({ STRIPE_SECRET_KEY }): Record<string, string> =>
      STRIPE_SECRET_KEY
        ? {}
        : {
            STRIPE_SECRET_KEY: stripe.secretKey,
            STRIPE_WEBHOOK_SECRETS: stripe.webhookSecret,
            STRIPE_API_BASE: stripe.url,
          },
    lines: [['Stripe', `${stripe.url} (made up, as no STRIPE_SECRET_KEY is set)`]],
    close: async () => stripe.close(),
  };
};
