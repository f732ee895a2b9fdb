import { donePage } from '#app/domains/auth/account/pages/layout.ts';
import { html, open, reply, route, type Route } from '#app/http/route.ts';
import { billingPaths } from './links.ts';

/** The pages to which Stripe's, and the mails about billing, lead. */
export function billingPages(): Route[] {
  return [
    billingPage(billingPaths.page, {
      title: 'Billing',
      sentence: 'Sign in to the app to see what you pay for, and how.',
    }),
    billingPage(billingPaths.paid, {
      title: 'Thank you',
      sentence: 'Your subscription is being set up. You can close this page.',
    }),
    billingPage(billingPaths.notPaid, {
      title: 'Nothing was paid',
      sentence: 'You have left before paying, and nothing has changed. You can close this page.',
    }),
    billingPage(billingPaths.portalLeft, {
      title: 'Done',
      sentence: 'What you have changed is in effect. You can close this page.',
    }),
  ];
}

function billingPage(
  path: `/${string}`,
  { title, sentence }: { readonly title: string; readonly sentence: string },
): Route {
  return route({
    method: 'get',
    path,
    summary: `Say: ${title}`,
    guard: open,
    answers: { 200: html() },
    handler: async () => reply(200, donePage(title, sentence)),
  });
}
