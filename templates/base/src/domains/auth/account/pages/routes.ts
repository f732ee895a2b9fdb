import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { open, reply, route, stream, type Route } from '#app/http/route.ts';
import type { AuthService } from '../../service.ts';
import type { CookieSettings } from '../../sign-in/token-cookies.ts';
import { confirmEmailChangePages } from './confirm-email-change.ts';
import { forgotPasswordPages } from './forgot-password.ts';
import { resetPasswordPages } from './reset-password.ts';
import { verifyEmailPages } from './verify-email.ts';

const styleSheet = join(import.meta.dirname, 'pages.css');

/** The pages that the links in mails lead to. */
export function accountPages(auth: AuthService, settings: CookieSettings): Route[] {
  return [
    ...verifyEmailPages(auth),
    ...resetPasswordPages(auth, settings),
    ...forgotPasswordPages(auth, settings),
    ...confirmEmailChangePages(auth),
    route({
      method: 'get',
      path: '/auth/pages.css',
      summary: 'Style these pages',
      guard: open,
      answers: { 200: stream('text/css; charset=utf-8') },
      handler: async () => reply(200, createReadStream(styleSheet)),
    }),
  ];
}
