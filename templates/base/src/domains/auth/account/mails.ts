// The mails that users get about their account. Each says what has happened, and what to do for
// whoever did not do it.
import { service } from '#app/service.ts';
import type { Mail } from '#app/platform/mail/mail.ts';

const { name } = service;

export function verificationMail(to: string, links: { verify: string }): Mail {
  return {
    to,
    subject: `Confirm your address for ${name}`,
    paragraphs: [
      `To confirm that this is your address, follow this link within 24 hours:`,
      { link: links.verify, label: 'Confirm my address' },
      `If you have no account at ${name}, you need not do anything: somebody has used your address by mistake.`,
    ],
  };
}

export function alreadyRegisteredMail(to: string, links: { reset: string; forgot: string }): Mail {
  return {
    to,
    subject: `You already have an account at ${name}`,
    paragraphs: [
      `Somebody tried to register at ${name} with your address. You have an account already, and nothing about it has changed.`,
      `If it was you and you no longer know your password, set a new one by this link, which works for an hour:`,
      { link: links.reset, label: 'Set a new password' },
      `Later, ask for another:`,
      { link: links.forgot, label: 'Ask for another link' },
      `If it was not you, you need not do anything.`,
    ],
  };
}

export function resetPasswordMail(to: string, links: { reset: string }): Mail {
  return {
    to,
    subject: `Set a new password for ${name}`,
    paragraphs: [
      `Somebody, most likely you, has asked for a new password. Set it by this link, which works for an hour:`,
      { link: links.reset, label: 'Set a new password' },
      `If it was not you, you need not do anything: your password stays as it is.`,
    ],
  };
}

export function noAccountMail(to: string): Mail {
  return {
    to,
    subject: `You have no account at ${name}`,
    paragraphs: [
      `Somebody, most likely you, has asked for a new password at ${name}, but there is no account with this address.`,
      `If you have an account, it is with another of your addresses. If it was not you, you need not do anything.`,
    ],
  };
}

export function passwordChangedMail(to: string, links: { forgot: string }): Mail {
  return {
    to,
    subject: `Your password for ${name} was changed`,
    paragraphs: [
      `The password of your account was changed, and all other devices were signed out.`,
      `If it was not you, set a new password at once:`,
      { link: links.forgot, label: 'Set a new password' },
    ],
  };
}

export function confirmEmailChangeMail(to: string, links: { confirm: string }): Mail {
  return {
    to,
    subject: `Confirm your new address for ${name}`,
    paragraphs: [
      `To use this address for your account at ${name}, follow this link within an hour:`,
      { link: links.confirm, label: 'Use this address' },
      `If it was not you who asked for it, you need not do anything: somebody has used your address by mistake.`,
    ],
  };
}

export function addressInUseMail(to: string): Mail {
  return {
    to,
    subject: `Your address already has an account at ${name}`,
    paragraphs: [
      `Somebody tried to use your address for another account at ${name}. It belongs to your account, so nothing has changed.`,
      `If it was you, choose another address for the other account. If it was not you, you need not do anything.`,
    ],
  };
}

export function emailChangeAskedMail(
  to: string,
  { newEmail, ...links }: { newEmail: string; forgot: string },
): Mail {
  return {
    to,
    subject: `A new address for your account at ${name}`,
    paragraphs: [
      `Somebody, most likely you, has asked that your account uses the address ${newEmail} from now on. It will, as soon as the link is followed that was sent there.`,
      `If it was not you, somebody knows your password. Set a new one at once, which also stops the change:`,
      { link: links.forgot, label: 'Set a new password' },
    ],
  };
}

export function emailChangedMail(to: string, { newEmail }: { newEmail: string }): Mail {
  return {
    to,
    subject: `Your address for ${name} was changed`,
    paragraphs: [
      `Your account at ${name} now has the address ${newEmail}. Links that were sent to this address no longer work.`,
      `If it was not you, tell us at once.`,
    ],
  };
}
