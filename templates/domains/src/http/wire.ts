// Values that JSON or a query string has no form of its own for, and the forms that they have there.
import { z } from 'zod';

/** A moment as ISO 8601, with `Z` or an offset, in the years that a database can hold. */
export const moment = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .pipe(z.date().min(new Date('1000-01-01T00:00:00Z')).max(new Date('9999-12-31T23:59:59.999Z')));

/** A day as `2026-02-28`, which is the same day in every time zone. */
export const day = z.iso
  .date()
  .refine((text) => text >= '1000-01-01', 'Must be the year 1000 or later');

/** An e-mail address, in lower case. */
export const emailAddress = z.string().trim().toLowerCase().pipe(z.email().max(254));

/** An address on the web, in its normal form, which is ASCII. */
export const webAddress = z.url({ protocol: /^https?$/, normalize: true }).max(2000);

/** A whole number in a query string. */
export const integerText = z
  .string()
  .regex(/^-?\d{1,16}$/, 'Must be a whole number')
  .transform(Number)
  .pipe(z.int());

/** A truth value in a query string. */
export const booleanText = z.enum(['true', 'false']).transform((text) => text === 'true');
