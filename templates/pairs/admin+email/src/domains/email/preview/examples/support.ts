import { factorRemovedMail } from '#app/domains/admin/mails.ts';
import { exampleOf, type MailExamples } from '../define-example.ts';

export const supportMails: MailExamples = {
  title: 'Support',
  mails: [exampleOf('factor-removed', factorRemovedMail)],
};
