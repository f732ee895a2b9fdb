import {
  codeUsedMail,
  codesRenewedMail,
  factorDisabledMail,
  factorEnabledMail,
} from '#app/domains/auth/second-factor/mails.ts';
import { exampleOf, type MailExamples } from '../define-example.ts';

export const factorMails: MailExamples = {
  title: 'Second factor',
  mails: [
    exampleOf('factor-enabled', factorEnabledMail),
    exampleOf('factor-disabled', factorDisabledMail),
    exampleOf('codes-renewed', codesRenewedMail),
    exampleOf('code-used', codeUsedMail),
  ],
};
