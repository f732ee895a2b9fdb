/** Where the mails lead to. */
export interface Links {
  verifyEmail(token: string): string;
  resetPassword(token: string): string;
  confirmEmailChange(token: string): string;
  readonly forgotPassword: string;
}

/** Makes links from APP_ORIGIN alone: what a request calls this host may be an attacker's. */
export function linksFrom(origin: string): Links {
  const withToken = (page: string) => (token: string) => `${origin}/auth/${page}?token=${token}`;
  return {
    verifyEmail: withToken('verify-email'),
    resetPassword: withToken('reset-password'),
    confirmEmailChange: withToken('confirm-email-change'),
    forgotPassword: `${origin}/auth/forgot-password`,
  };
}
