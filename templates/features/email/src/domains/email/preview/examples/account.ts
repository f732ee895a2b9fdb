import { linksFrom } from '#app/domains/auth/account/links.ts';
import {
  addressInUseMail,
  alreadyRegisteredMail,
  confirmEmailChangeMail,
  emailChangeAskedMail,
  emailChangedMail,
  noAccountMail,
  passwordChangedMail,
  resetPasswordMail,
  verificationMail,
} from '#app/domains/auth/account/mails.ts';
import { exampleOf, exampleOrigin, exampleToken, type MailExamples } from '../define-example.ts';

const links = linksFrom(exampleOrigin);
const verify = links.verifyEmail(exampleToken);
const reset = links.resetPassword(exampleToken);
const confirm = links.confirmEmailChange(exampleToken);
const forgot = links.forgotPassword;
const newEmail = 'ann.smith@example.com';

export const accountMails: MailExamples = {
  title: 'Account',
  mails: [
    exampleOf('verification', verificationMail, { verify }),
    exampleOf('already-registered', alreadyRegisteredMail, { reset, forgot }),
    exampleOf('reset-password', resetPasswordMail, { reset }),
    exampleOf('no-account', noAccountMail),
    exampleOf('password-changed', passwordChangedMail, { forgot }),
    exampleOf('confirm-email-change', confirmEmailChangeMail, { confirm }),
    exampleOf('address-in-use', addressInUseMail),
    exampleOf('email-change-asked', emailChangeAskedMail, { newEmail, forgot }),
    exampleOf('email-changed', emailChangedMail, { newEmail }),
  ],
};
