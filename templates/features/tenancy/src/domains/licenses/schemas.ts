import { z } from 'zod';
import { entitlementNames, isEntitlement } from './entitlements.ts';
import { reasonLength } from './models.ts';

// What an operator types, in a form or a command.

export const Seats = z.coerce
  .number('A whole number.')
  .int('A whole number.')
  .min(1, 'At least 1.')
  .max(1_000_000, 'At most 1,000,000.');

/** Names, separated by commas. */
export const Entitlements = z.string().transform((text, context) => {
  const names = text.split(',').map((name) => name.trim());
  const given = [...new Set(names)].filter((name) => name !== '');
  const unknown = given.filter((name) => !isEntitlement(name));
  if (unknown.length > 0) {
    const message = `There is no ${unknown.join(', ')}: it is ${entitlementNames.join(', ')}.`;
    context.addIssue({ code: 'custom', message });
  }
  return given.filter(isEntitlement);
});

/** The last day of a grant, which ends with that day in UTC. */
export const LastDay = z.iso
  .date('A day such as 2027-01-31.')
  .transform((day) => new Date(Date.parse(day) + 86_400_000));

export const Reason = z
  .string()
  .trim()
  .min(10, 'Say why in at least 10 characters.')
  .max(reasonLength, `Say why in at most ${reasonLength} characters.`);

export const License = z
  .object({
    source: z
      .enum(['plan', 'grant', 'none'])
      .describe('`grant` beside a plan or without one; `none` is what every account has.'),
    plan: z.string().nullable().describe('Its key; null where there are no plans.'),
    seats: z
      .int()
      .nullable()
      .describe('For members and open invitations; null where nothing limits them.'),
    entitlements: z.array(z.string()),
    expiresAt: z.iso
      .datetime()
      .nullable()
      .describe('When what was granted ends; null where it has no end, or nothing was.'),
  })
  .meta({ id: 'License' });
