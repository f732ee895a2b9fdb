// What a user is told when the second factor changes: whoever has the password alone could not have
// done it unnoticed (ASVS 5.0, 6.3.7).
import { service } from '#app/service.ts';
import type { Mail } from '#app/platform/mail/mail.ts';

const { name } = service;
const notYou = `If this was not you, change your password at once: somebody else knows it.`;

export function factorEnabledMail(to: string): Mail {
  return {
    to,
    subject: 'An authenticator app is set up',
    paragraphs: [
      `From now on, signing in to ${name} takes a code of your authenticator app.`,
      notYou,
    ],
  };
}

export function factorDisabledMail(to: string): Mail {
  return {
    to,
    subject: 'The authenticator app is removed',
    paragraphs: [`From now on, signing in to ${name} takes your password alone.`, notYou],
  };
}

export function codesRenewedMail(to: string): Mail {
  return {
    to,
    subject: 'You have new recovery codes',
    paragraphs: [`New recovery codes were made for ${name}; the old ones are void.`, notYou],
  };
}

export function codeUsedMail(to: string): Mail {
  return {
    to,
    subject: 'A recovery code was used',
    paragraphs: [
      `Somebody signed in to ${name} with one of your recovery codes; it is void now.`,
      notYou,
    ],
  };
}
