import { defineError } from '#app/errors.ts';

export const notAMember = defineError('not_a_member', 403, 'You are no member of this account');
export const roleInsufficient = defineError('role_insufficient', 403, 'Your role may not do this');
export const slugTaken = defineError('slug_taken', 409, 'Another organization has this slug');
export const ownerNeeded = defineError('owner_needed', 409, 'An organization needs an owner');
export const seatsTaken = defineError('seats_taken', 409, 'All seats are taken');
export const alreadyMember = defineError('already_member', 409, 'Already a member');
export const alreadyInvited = defineError('already_invited', 409, 'Already invited');
export const invitationForAnother = defineError(
  'invitation_for_another',
  403,
  'The invitation is for another address',
);
