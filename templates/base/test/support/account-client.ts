import { randomBytes } from 'node:crypto';
import { tokenIn } from './mailed-links.ts';
import { mailTo } from './sent-mail.ts';
import { request, type Answer, type TestService } from './service.ts';
import { signUp, type SignedInUser } from './users.ts';

export const purposes = ['verify', 'reset', 'change'] as const;
export type Purpose = (typeof purposes)[number];

/** What `follow` sets by a link that resets a password. */
export const newPassword = 'another long password';

const pages = {
  verify: '/auth/verify-email',
  reset: '/auth/reset-password',
  change: '/auth/confirm-email-change',
};

export function newAddress(): string {
  return `${randomBytes(6).toString('hex')}@example.com`;
}

/** What users do about their address and their password. */
export function accountClient(service: TestService) {
  const forgot = (email: string) => service.post('/v1/auth/password/forgot', { email });
  const resend = (user: SignedInUser) =>
    service.post('/v1/auth/email/resend', {}, user.authorization);
  const changeEmail = (user: SignedInUser, email: string) =>
    service.post(
      '/v1/auth/email/change',
      { currentPassword: user.password, email },
      user.authorization,
    );

  return {
    forgot,
    resend,
    changeEmail,

    changePassword: (user: SignedInUser, currentPassword: string, password: string) =>
      service.post('/v1/auth/password/change', { currentPassword, password }, user.authorization),

    login: async (email: string, password: string) => {
      const { status, body } = await service.post('/v1/auth/login', { email, password });
      return { status, refreshToken: String(body.refreshToken) };
    },

    refresh: ({ refreshToken }: { refreshToken: string }) =>
      service.post('/v1/auth/refresh', { refreshToken }),

    me: async (user: SignedInUser) =>
      (await service.get('/v1/auth/me', user.authorization)).body.user,

    /** Waits until an address has got so many mails, and gives the last of them. */
    inbox: (email: string, count?: number) => mailTo(service.mailFolder, email, count),

    /** Has a link sent to a new user; one that changes the address goes to another. */
    newLink: async (purpose: Purpose) => {
      const user = await signUp(service);
      const email = purpose === 'change' ? newAddress() : user.email;
      if (purpose === 'reset') await forgot(email);
      if (purpose === 'change') await changeEmail(user, email);
      const mail = await mailTo(service.mailFolder, email, purpose === 'reset' ? 2 : 1);
      return { user, email, token: tokenIn(mail) };
    },

    /** Opens the page that a link leads to. */
    open: (purpose: Purpose, token: string) => service.get(`${pages[purpose]}?token=${token}`),

    /** Does what a link is for. */
    follow: (purpose: Purpose, token: string): Promise<Answer> => {
      if (purpose === 'verify') return service.post('/v1/auth/email/verify', { token });
      const password = newPassword;
      if (purpose === 'reset') return service.post('/v1/auth/password/reset', { token, password });
      return request(service.url, pages.change, {
        method: 'POST',
        body: new URLSearchParams({ token }),
      });
    },
  };
}

/** The statuses of answers that came in any order. */
export function sortedStatuses(answers: readonly { status: number }[]): number[] {
  return answers.map(({ status }) => status).toSorted((a, b) => a - b);
}
