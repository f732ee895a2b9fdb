// What several areas of authentication take in.
import { z } from 'zod';

/** The shortest and longest password, in characters (ASVS 5.0, 6.2.1 and 6.2.9). */
const passwordLength = { min: 8, max: 128 };

export const Email = z
  .string()
  .trim()
  .toLowerCase()
  .pipe(z.email().max(254))
  .meta({ examples: ['you@example.com'] });

/** A password as it is chosen: any characters, and what people cannot tell apart is the same. */
export const NewPassword = z
  .string()
  .normalize('NFKC')
  .min(passwordLength.min, `Must have at least ${passwordLength.min} characters`)
  .max(passwordLength.max, `Must have at most ${passwordLength.max} characters`)
  .meta({ examples: ['correct horse battery staple'] });

/** A password as it is given again: whether it is the right one is for nobody to guess from here. */
export const Password = z
  .string()
  .normalize('NFKC')
  .min(1)
  .max(passwordLength.max)
  .meta({ examples: ['correct horse battery staple'] });
