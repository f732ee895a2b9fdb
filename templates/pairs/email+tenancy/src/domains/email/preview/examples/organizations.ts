import { invitationDays } from '#app/domains/organizations/invitations/invitations.ts';
import { invitationLink } from '#app/domains/organizations/invitations/links.ts';
import {
  deletedMail,
  invitationMail,
  ownerMail,
  removedMail,
} from '#app/domains/organizations/mails.ts';
import { exampleOf, exampleOrigin, exampleToken, type MailExamples } from '../define-example.ts';

const organization = { name: 'Example Ltd' };

export const organizationMails: MailExamples = {
  title: 'Organizations',
  mails: [
    exampleOf('invitation', invitationMail, {
      organization,
      inviter: 'ann@example.com',
      role: 'Member',
      link: invitationLink(exampleOrigin, exampleToken),
      days: invitationDays,
    }),
    exampleOf('member-removed', removedMail, organization),
    exampleOf('new-owner', ownerMail, organization),
    exampleOf('organization-deleted', deletedMail, organization),
  ],
};
