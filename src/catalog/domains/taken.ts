import { catalog } from '../features.ts';
import type { DomainNames } from './names.ts';
import { pluralOf } from './plurals.ts';
import { languageTypes, languageWords, sqlWords } from './words.ts';

/** Characters that a domain's name may have. */
export const domainNameLimit = 24;

/** Folders, routes, tables, headings and test files that a project has from the first day. */
const ofProject = plurals(
  'account auth user session refresh-token schema-migration health docs openapi error list',
  'access-token migration setting email-token known-device auth-attempt totp-factor recovery-code',
  'instance mail account-page auth-secret email-link keys-decision keys-store mail-budget send-mail',
  'revoked-session second-factor-limit throttle-budget token-cookie all-route busy-thread mailed-link',
  'sent-mail weak-password audit-right audit-log audit-head account-row auth-call own-file',
  'idempotency-key',
  'routes-with-id',
);

/** What features bring, beside their own names: a project that has none of them can have them later. */
const ofFeatures = plurals(
  ...catalog.map(({ name }) => name),
  'billing-checkout billing-customer billing-effect billing-former-customer billing-invoice',
  'billing-payment billing-refund billing-request billing-subscription webhook-event',
  'admin-recovery-code admin-session admin-session-epochs admin-user feature-flag flag impersonation',
  'shared-revocation',
  'queue-job queue-job-effect queue-schedule organization membership invitation member',
  'license license-grant',
  'email-event email-suppression suppression open-cache own-redis',
);

/** Types that the description of the API has from the first day, or with a feature. */
const typesOfProject: ReadonlySet<string> = new Set([
  'AccountChoice',
  'BillingChangePreview',
  'BillingCheckoutPage',
  'BillingInvoice',
  'BillingPlanChange',
  'BillingPlanChoice',
  'BillingPortalPage',
  'BillingSubscription',
  'Credentials',
  'CurrentOrganization',
  'EmailChange',
  'EmailEventReceipt',
  'EmailInput',
  'FactorBeginning',
  'FactorConfirmation',
  'FactorProof',
  'FactorSecret',
  'Invitation',
  'InvitationInput',
  'InvitationRegistration',
  'InvitationToken',
  'JoinedOrganization',
  'License',
  'LinkInput',
  'Member',
  'MemberChange',
  'Organization',
  'OrganizationDeletion',
  'OrganizationInput',
  'OrganizationUpdate',
  'OwnershipTransfer',
  'PasswordChange',
  'PasswordReset',
  'PasswordResetAnswer',
  'Problem',
  'ReceivedInvitation',
  'RecoveryCodes',
  'RefreshTokenInput',
  'Registration',
  'Session',
  'SignedIn',
  'SwitchedToken',
  'TokenPair',
  'User',
  'WebhookReceipt',
]);

/** Why a domain cannot have these names, as the end of a sentence; undefined when it can. */
export function refuseDomainName(names: DomainNames): string | undefined {
  const { folder, table, many, One } = names;
  if (folder.length > domainNameLimit) {
    return `it has ${folder.length} characters, at most ${domainNameLimit} fit`;
  }
  if (One === '') return 'it has no singular';
  if (ofFeatures.has(folder)) return 'it belongs to a feature of the catalog';
  if (ofProject.has(folder)) return 'every project has something of that name';
  if (sqlWords.has(table)) return `${table} is a reserved word of SQL`;
  if (languageWords.has(many)) return `${many} is a reserved word of JavaScript`;
  if (languageTypes.has(One)) return `${One} is a type of JavaScript or TypeScript`;
  const type = typesOf(names).find((each) => typesOfProject.has(each));
  return type && `the API has a type ${type} already`;
}

/** The types that a domain gives the description of the API. */
export function typesOf({ One }: Pick<DomainNames, 'One'>): string[] {
  return [One, `New${One}`, `${One}Changes`];
}

/** In the plural when somebody asks, which most runs do not: each word goes through a hundred rules. */
function plurals(...lists: string[]): Pick<ReadonlySet<string>, 'has'> {
  let all: ReadonlySet<string> | undefined;
  return {
    has(name) {
      const singulars = lists.flatMap((list) => list.split(' '));
      all ??= new Set(singulars.map((one) => pluralOf(one.split('-')).join('-')));
      return all.has(name);
    },
  };
}
