import { cacheGuards } from './cache.ts';
import { emailGuards } from './email.ts';
import { idempotencyGuards } from './idempotency.ts';
import { licenseGuards } from './licenses.ts';
import { limitGuards } from './limits.ts';
import { organizationGuards } from './organizations.ts';
import { queueGuards } from './queues.ts';

/** A line of the generated backend without which a promise does not hold. */
export interface Guard {
  /** What it guards. */
  readonly name: string;
  /** Where it is, in the project. */
  readonly file: string;
  /** The text that is the guard; it occurs once. */
  readonly find: string;
  /** What stands there without it. */
  readonly replace: string;
  /** The file of the test that must fail then. */
  readonly test: string;
  /** A part of that test's name. */
  readonly title: string;
}

const billing = 'src/domains/billing';
const tests = 'test/billing';

export const guards: readonly Guard[] = [
  {
    name: 'the unique key of an event: each is stored once',
    file: 'migrations/0000_initial.sql',
    find: ',\n\tCONSTRAINT `webhook_events_event` UNIQUE(`provider`,`event_id`)',
    replace: '',
    test: `${tests}/inbox-duplicates.test.ts`,
    title: 'W1: of fifty duplicates',
  },
  {
    name: 'the unique key of an event, over two services',
    file: 'migrations/0000_initial.sql',
    find: ',\n\tCONSTRAINT `webhook_events_event` UNIQUE(`provider`,`event_id`)',
    replace: '',
    test: `${tests}/inbox-duplicates.test.ts`,
    title: 'W5',
  },
  {
    name: 'ids are compared byte by byte',
    file: 'migrations/0000_initial.sql',
    find: '`event_id` varchar(255) character set ascii collate ascii_bin NOT NULL',
    replace: '`event_id` varchar(255) NOT NULL',
    test: `${tests}/inbox-duplicates.test.ts`,
    title: 'W12',
  },
  {
    name: 'nothing is done for an event whose lease is lost',
    file: `${billing}/webhooks/process.ts`,
    find: "  if (!(await markProcessed(tx, claim))) return 'lost';\n",
    replace: '  await markProcessed(tx, claim);\n',
    test: `${tests}/inbox-attempts.test.ts`,
    title: 'W11: who comes back after the lease',
  },
  {
    name: 'a change of an event names its lease',
    file: `${billing}/webhooks/claims.ts`,
    find: "    eq(webhookEvents.state, 'processing'),\n    eq(webhookEvents.leaseToken, leaseToken),\n",
    replace: '    leaseToken ? undefined : undefined,\n',
    test: `${tests}/inbox-attempts.test.ts`,
    title: 'W11: who comes back after the lease',
  },
  {
    name: 'a claim locks its row',
    file: `${billing}/webhooks/claims.ts`,
    find: "      .for('update', { skipLocked: true });",
    replace: '      ;',
    test: `${tests}/inbox-attempts.test.ts`,
    title: 'an event that another worker is taking',
  },
  {
    name: 'an attempt counts when it begins',
    file: `${billing}/webhooks/claims.ts`,
    find: '    const leased = lease(attempts + 1);\n',
    replace: '    const leased = lease(attempts);\n',
    test: `${tests}/inbox-attempts.test.ts`,
    title: 'W7: a poison that kills',
  },
  {
    name: 'the effect commits with the state of its event',
    file: `${billing}/webhooks/process.ts`,
    find: '  await withinBudget(() => handler.handle(event, contextOf(tx, deps)));\n',
    replace:
      '  await deps.database.transaction((other) => handler.handle(event, contextOf(other, deps)));\n',
    test: `${tests}/inbox-attempts.test.ts`,
    title: 'W11: who is frozen in the middle',
  },
  {
    name: 'a signature of the future is none',
    file: `${billing}/webhooks/signature.ts`,
    find: '  if (signedAt(header) > Date.now() / 1000 + tolerance) return false;\n',
    replace: '  signedAt(header);\n',
    test: `${tests}/inbox-signature.test.ts`,
    title: 'W8',
  },
  {
    name: 'the account is locked before Stripe is read',
    file: `${billing}/customers.ts`,
    find: "    .where(eq(billingCustomers.stripeCustomerId, stripeCustomerId))\n    .for('update');",
    replace: '    .where(eq(billingCustomers.stripeCustomerId, stripeCustomerId));',
    test: `${tests}/subscription-order.test.ts`,
    title: 'W6: what was read before another wrote',
  },
  {
    name: 'an effect is made once for what it is for',
    file: `${billing}/effects.ts`,
    find: '    if (isDuplicate(error)) return false;\n',
    replace: '    if (isDuplicate(error)) return true;\n',
    test: `${tests}/payment-events.test.ts`,
    title: 'W10',
  },
  {
    name: 'a payment is locked while it is refunded',
    file: `${billing}/refunds/refunds.ts`,
    find: "    .for('update');",
    replace: '    ;',
    test: `${tests}/refund-requests.test.ts`,
    title: 'of twenty refunds',
  },
  {
    name: 'a refund that was decided on is not asked for twice',
    file: `${billing}/refunds/refunds.ts`,
    find: 'refundedBefore !== undefined && refunded !== refundedBefore',
    replace: 'false',
    test: `${tests}/refund-requests.test.ts`,
    title: 'of the same request that is sent many times at once',
  },
  {
    name: 'a refund has an idempotency key of its own',
    file: `${billing}/requests.ts`,
    find: 'make({ idempotencyKey: keyOf(row, asked) })',
    replace: 'make({ idempotencyKey: String(Math.random()) })',
    test: `${tests}/refund-requests.test.ts`,
    title: 'a process that ends between the answer of Stripe and the commit',
  },
  {
    name: 'an account is locked while what its plan allows is counted',
    file: `${billing}/account-lock.ts`,
    find: "    .where(eq(accounts.id, accountId))\n    .for('update');",
    replace: '    .where(eq(accounts.id, accountId));',
    test: `${tests}/entitlements.test.ts`,
    title: 'of twenty at once exactly as many',
  },
  {
    name: 'who acts in a user’s place is refused what takes the user in person',
    file: 'src/domains/auth/acts-in-place.ts',
    find: '  if (sensitive === true) throw onlyInPerson();\n',
    replace: '',
    test: 'test/in-person.test.ts',
    title: 'A3: ',
  },
  {
    name: 'what is changed in a user’s place is recorded',
    file: 'src/domains/auth/acts-in-place.ts',
    find: "(method === 'get' && sensitive !== true)",
    replace: 'sensitive !== true',
    test: 'test/in-person.test.ts',
    title: 'what is changed in a user’s place',
  },
  {
    name: 'who acts in a user’s place is named in a token, or it is none',
    file: 'src/domains/auth/access-tokens.ts',
    find: 'actor === undefined ? undefined : {',
    replace: 'actor === undefined ? identity : {',
    test: 'test/access-tokens.test.ts',
    title: 'J1: a token ',
  },
  {
    name: 'an operator is locked who begins to act in a customer’s place',
    file: 'src/domains/admin/impersonation/impersonation.ts',
    find: "    .for('update');\n  if (own",
    replace: ';\n  if (own',
    test: 'test/admin/impersonation.test.ts',
    title: 'of ten at once one begins',
  },
  {
    name: 'what acts in a customer’s place is found by every process when it is ended',
    file: 'src/domains/admin/impersonation/impersonation.ts',
    find: '  await tx.update(sessions).set({ lastUsedAt: now }).where(eq(sessions.id, id));\n',
    replace: '',
    test: 'test/admin/impersonation-end.test.ts',
    title: 'when the operator ends it',
  },
  ...cacheGuards,
  ...limitGuards,
  ...idempotencyGuards,
  ...emailGuards,
  ...organizationGuards,
  ...licenseGuards,
  ...queueGuards,
];
