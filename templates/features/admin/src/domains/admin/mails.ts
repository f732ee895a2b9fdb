// What customers are told that support has done.
import { service } from '#app/service.ts';
import type { Mail } from '#app/platform/mail/mail.ts';

export function factorRemovedMail(to: string): Mail {
  return {
    to,
    subject: 'The authenticator app is removed',
    paragraphs: [
      `The support of ${service.name} has removed the authenticator app from your account, and signed you out everywhere. From now on, signing in takes your password alone.`,
      `If you have not asked for this, tell us at once.`,
    ],
  };
}
