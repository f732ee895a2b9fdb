// What a user is told when the second factor changes: whoever has the password alone could not have
// done it unnoticed (ASVS 5.0, 6.3.7).
import { service } from '#app/service.ts';

const notYou = `If this was not you, change your password at once: somebody else knows it.`;

export const factorMails = {
  enabled: {
    subject: 'An authenticator app is set up',
    text: `From now on, signing in to ${service.name} takes a code of your authenticator app.\n\n${notYou}\n`,
  },
  disabled: {
    subject: 'The authenticator app is removed',
    text: `From now on, signing in to ${service.name} takes your password alone.\n\n${notYou}\n`,
  },
  codesRenewed: {
    subject: 'You have new recovery codes',
    text: `New recovery codes were made for ${service.name}; the old ones are void.\n\n${notYou}\n`,
  },
  codeUsed: {
    subject: 'A recovery code was used',
    text: `Somebody signed in to ${service.name} with one of your recovery codes; it is void now.\n\n${notYou}\n`,
  },
} as const;
