import { z } from 'zod';
import { entitlementNames } from '#app/domains/licenses/entitlements.ts';
import { grantEnded } from '#app/domains/licenses/errors.ts';
import { Entitlements, LastDay, Reason, Seats } from '#app/domains/licenses/schemas.ts';
import { notFound, validationFailed } from '#app/http/errors.ts';
import type { Services } from '#app/lifecycle.ts';
import { actorOf } from '../../operator.ts';
import { defineAction, type Action } from '../define-page.ts';

export const permission = 'licenses.change';

const params = z.object({ id: z.uuid() });

const why = {
  kind: 'textarea',
  label: 'Reason',
  hint: 'At least 10 characters. It stays in the audit log.',
  maxLength: 500,
} as const;

/**
 * What is done to the licenses of an account, on a page of its owner.
 *
 * @param accountOf finds the account by the id in the page's address
 */
export function licenseActions(
  accountOf: (services: Services, id: string) => Promise<string>,
): Record<string, Action> {
  return {
    'grant-license': defineAction({
      label: 'Grant',
      permission,
      sensitive: true,
      once: true,
      params,
      input: z.object({
        seats: orNothing(Seats),
        entitlements: Entitlements,
        expires: orNothing(LastDay),
        reason: Reason,
        replace: z.literal('on').optional(),
      }),
      fields: {
        seats: {
          kind: 'number',
          label: 'Seats',
          step: '1',
          optional: true,
          hint: 'In all, for members and open invitations. Where the plan has more, those count.',
        },
        entitlements: {
          kind: 'text',
          label: 'Entitlements',
          optional: true,
          hint: `Separated by commas: ${entitlementNames.join(', ')}.`,
        },
        expires: {
          kind: 'date',
          label: 'Last day',
          optional: true,
          hint: 'It ends with that day in UTC; without one it has no end.',
        },
        reason: why,
        replace: { kind: 'checkbox', label: 'In place of all grants that are in force' },
      },
      done: 'It is granted, and counts from now on.',
      refusals: [validationFailed, notFound],
      run: async ({ services, operator, params: { id }, input }) => {
        const { replace, expires: expiresAt, ...given } = input;
        const accountId = await accountOf(services, id);
        const by = { actor: actorOf(operator) };
        const replaces = replace === 'on';
        await services.licenses.grants.grant(by, accountId, { ...given, expiresAt, replaces });
      },
    }),
    'revoke-license': defineAction({
      label: 'Revoke',
      permission,
      sensitive: true,
      params,
      input: z.object({ grant: z.uuid(), reason: Reason }),
      fields: { reason: why },
      done: 'It is revoked. Members who have a seat by it keep it.',
      refusals: [notFound, grantEnded],
      run: async ({ services, operator, params: { id }, input: { grant, reason } }) => {
        const accountId = await accountOf(services, id);
        const by = { actor: actorOf(operator) };
        await services.licenses.grants.revoke(by, accountId, { id: grant, reason });
      },
    }),
  };
}

/** A field that was left empty says nothing. */
function orNothing<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => (value === '' ? undefined : value), schema.optional());
}
