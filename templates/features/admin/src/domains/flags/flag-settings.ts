// How a flag can be set.
import { z } from 'zod';
import type { FlagDeclaration } from './define-flags.ts';
import { featureFlags } from './models.ts';

/** Subjects of one list. Every process holds them all. */
const listed = 1000;
/** Characters of one subject. */
const longest = 100;
/** Bytes of one list in a form, which has both and has to fit into the body of a request. */
const largest = 45_000;

/** Spaces around a subject, empty ones and what comes twice mean nothing. */
const Subjects = z
  .array(z.string())
  .transform((subjects): readonly string[] => [
    ...new Set(subjects.map((one) => one.trim()).filter(Boolean)),
  ])
  .refine((subjects) => subjects.length <= listed, `At most ${listed} can be on a list.`)
  .refine(
    (subjects) => subjects.every(({ length }) => length <= longest),
    `Each has at most ${longest} characters.`,
  )
  .refine(
    (subjects) => encodeURIComponent(subjects.join('\r\n')).length <= largest,
    `All of them together are too long: about ${largest} characters is the most.`,
  );

const wholePercent = 'A whole number from 0 to 100.';

export const FlagSettings = z
  .object({
    state: z.enum(featureFlags.state.enumValues),
    /** Counts where the state is `percentage`; else it is what was set before. */
    percentage: z
      .number(wholePercent)
      .int(wholePercent)
      .min(0, wholePercent)
      .max(100, wholePercent),
    on: Subjects,
    off: Subjects,
  })
  .refine(({ on, off }) => on.every((subject) => !off.includes(subject)), {
    path: ['off'],
    error: 'One of these is on the other list too.',
  });

export type FlagSettings = Readonly<z.output<typeof FlagSettings>>;

export function asDeclared({ default: state = 'off' }: FlagDeclaration): FlagSettings {
  return { state, percentage: 0, on: [], off: [] };
}
