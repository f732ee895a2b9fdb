import { donePage } from '#app/domains/auth/account/pages/layout.ts';
import { html, open, reply, route, type Route } from '#app/http/route.ts';
import { returnPaths } from './links.ts';

/** The pages to which Stripe's lead back. */
export function returnPages(): Route[] {
  return [
    returnPage(returnPaths.paid, {
      title: 'Thank you',
      sentence: 'Your subscription is being set up. You can close this page.',
    }),
    returnPage(returnPaths.notPaid, {
      title: 'Nothing was paid',
      sentence: 'You have left before paying, and nothing has changed. You can close this page.',
    }),
    returnPage(returnPaths.portalLeft, {
      title: 'Done',
      sentence: 'What you have changed is in effect. You can close this page.',
    }),
  ];
}

function returnPage(
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
