import { z } from 'zod';
import { Email, NewPassword, Password } from '#app/domains/auth/schemas.ts';
import { FactorCode, RecoveryCode } from '#app/domains/auth/second-factor/schemas.ts';
import { slugLength } from './models.ts';
import { roleNames } from './roles.ts';

/**
 * Mails say it to strangers: nothing in it may break a line, be a link, or turn the direction of the
 * text around it, by which that reads as another sentence.
 */
const Name = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(
    /^[^\p{Cc}\p{Cs}\u2028-\u202E\u2066-\u2069]+$/u,
    'Must be one line of text that turns nothing around',
  )
  .regex(/[\p{L}\p{N}\p{P}\p{S}]/u, 'Must hold something to see')
  .refine((name) => !/:\/\/|\bwww\./i.test(name), 'Must hold no address of the web')
  .meta({ examples: ['Acme'] });

const Slug = z
  .string()
  .trim()
  .toLowerCase()
  .max(slugLength)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'Must be of letters, digits, and single hyphens within')
  .meta({ examples: ['acme'] });

const Role = z.enum(roleNames).describe('See roles.ts for what each may do.');

/** Whoever gets it has shown that the address is theirs, and nothing more: nobody owns by a mail. */
const InvitedRole = Role.exclude(['owner']);

/** What shows that it is the user. */
const proof = {
  currentPassword: Password,
  code: FactorCode.optional().describe('Of the authenticator app, where the user has one.'),
  recoveryCode: RecoveryCode.optional().describe('In place of the code.'),
};

export const OrganizationInput = z
  .strictObject({
    name: Name,
    slug: Slug.optional().describe('Made from the name where it is left out.'),
  })
  .meta({ id: 'OrganizationInput' });

export const OrganizationUpdate = z
  .strictObject({ name: Name.optional(), slug: Slug.optional() })
  .meta({ id: 'OrganizationUpdate' });

export const OrganizationDeletion = z.strictObject(proof).meta({ id: 'OrganizationDeletion' });

export const OwnershipTransfer = z
  .strictObject({ userId: z.uuid().describe('A member.'), ...proof })
  .meta({ id: 'OwnershipTransfer' });

export const Organization = z
  .object({
    accountId: z.uuid(),
    name: z.string(),
    slug: z.string(),
    role: z.string().describe('That of the asking member.'),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Organization' });

export const OrganizationList = z.object({ organizations: z.array(Organization) });

export const CurrentOrganization = Organization.extend({
  permissions: z.array(z.string()).describe('Of that role; `*` is every permission.'),
  seats: z.object({
    taken: z.int().describe('By members and open invitations.'),
    limit: z.int().nullable().describe('Null where nothing limits them.'),
  }),
}).meta({ id: 'CurrentOrganization' });

export const AccountChoice = z
  .strictObject({
    accountId: z.uuid().nullable().describe('An organization’s; null for your own account.'),
  })
  .meta({ id: 'AccountChoice' });

export const SwitchedToken = z
  .object({
    accountId: z.uuid(),
    accessToken: z.string().describe('Acts for that account: Authorization: Bearer …'),
    expiresIn: z.int().describe('Seconds for which it is valid.'),
    tokenType: z.literal('Bearer'),
  })
  .meta({ id: 'SwitchedToken' });

/** A list is read page by page, in the order of its ids. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.uuid().optional().describe('The `nextCursor` of the page before.'),
});

const nextCursor = z.string().nullable().describe('Gives the next page; null on the last.');

export const MemberParams = z.object({ userId: z.uuid() });

export const MemberChange = z.strictObject({ role: Role }).meta({ id: 'MemberChange' });

export const Member = z
  .object({
    userId: z.uuid(),
    email: z.string(),
    role: z.string(),
    createdAt: z.iso.datetime().describe('When they joined.'),
  })
  .meta({ id: 'Member' });

export const MemberPage = z.object({ members: z.array(Member), nextCursor });

export const InvitationParams = z.object({ id: z.uuid() });

export const InvitationInput = z
  .strictObject({ email: Email, role: InvitedRole })
  .meta({ id: 'InvitationInput' });

export const Invitation = z
  .object({
    id: z.uuid(),
    email: z.string(),
    role: z.string(),
    invitedBy: z.string().describe('Address of the member who sent it.'),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    expired: z.boolean().describe('One that is can be sent again, and takes no seat.'),
  })
  .meta({ id: 'Invitation' });

export const InvitationPage = z.object({ invitations: z.array(Invitation), nextCursor });

const LinkToken = z.string().min(1).max(200).describe('From the link in the mail.');

export const InvitationToken = z.strictObject({ token: LinkToken }).meta({ id: 'InvitationToken' });

export const InvitationRegistration = z
  .strictObject({ token: LinkToken, password: NewPassword })
  .meta({ id: 'InvitationRegistration' });

export const ReceivedInvitation = z
  .object({
    organization: z.object({ name: z.string() }),
    email: z.string().describe('The address that was invited.'),
    role: z.string(),
    invitedBy: z.string(),
    expiresAt: z.iso.datetime(),
    registered: z.boolean().describe('Whether there is an account with the address to sign in to.'),
  })
  .meta({ id: 'ReceivedInvitation' });

export const JoinedOrganization = z
  .object({ accountId: z.uuid(), name: z.string() })
  .meta({ id: 'JoinedOrganization' });
