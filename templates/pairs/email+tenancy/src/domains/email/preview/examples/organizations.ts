import {
  deletedMail,
  invitationMail,
  ownerMail,
  removedMail,
} from '#app/domains/organizations/mails.ts';
import { exampleOf, type MailExamples } from '../define-example.ts';

const organization = { name: 'Example Ltd' };

export const organizationMails: MailExamples = {
  title: 'Organizations',
  mails: [
    exampleOf('invitation', invitationMail, {
      organization,
      inviter: 'ann@example.com',
      role: 'Member',
      link: 'https://example.com/organizations/join?token=example',
      days: 7,
    }),
    exampleOf('member-removed', removedMail, organization),
    exampleOf('new-owner', ownerMail, organization),
    exampleOf('organization-deleted', deletedMail, organization),
  ],
};
