// The mails that people get about organizations. Each says what has happened, and what to do for
// whoever did not expect it. The name of an organization is whatever somebody has called it.
import type { Mail } from '#app/platform/mail/mail.ts';
import { service } from '#app/service.ts';

const { name } = service;

interface Organization {
  readonly name: string;
}

/** @param about.days for which the link works */
export function invitationMail(
  to: string,
  about: {
    readonly organization: Organization;
    readonly inviter: string;
    /** What people see the role called. */
    readonly role: string;
    readonly link: string;
    readonly days: number;
  },
): Mail {
  const { organization, inviter, role, link, days } = about;
  return mail(to, `You are invited to ${organization.name} at ${name}`, [
    `${inviter} invites you to join ${organization.name} at ${name}, as ${role}. See this page to accept or to decline, within ${days} days:`,
    { link, label: 'See the invitation' },
    `It takes no account yet: you can make one there.`,
    `If you do not know who this is, you need not do anything.`,
  ]);
}

export function removedMail(to: string, organization: Organization): Mail {
  return mail(to, `You are no longer a member of ${organization.name}`, [
    `You were removed from ${organization.name} at ${name}. Your own account stays as it is.`,
    `If you think that this is a mistake, ask an owner of ${organization.name}.`,
  ]);
}

export function ownerMail(to: string, organization: Organization): Mail {
  return mail(to, `You own ${organization.name} now`, [
    `${organization.name} at ${name} was handed over to you: you are an owner of it now, with every right that there is.`,
    `If you do not want that, sign in, and hand it over to another member.`,
  ]);
}

export function deletedMail(to: string, organization: Organization): Mail {
  return mail(to, `${organization.name} is deleted`, [
    `${organization.name} at ${name}, of which you were an owner, was deleted with all that it had stored there.`,
    `If you did not expect that, ask the other owners, or tell us.`,
  ]);
}

function mail(to: string, subject: string, paragraphs: Mail['paragraphs']): Mail {
  return { to, subject, paragraphs };
}
