import { z } from 'zod';
import { notFound } from './errors.ts';

/** The parameters of a route to one thing. */
export const byId = z.object({ id: z.uuid() });

/**
 * What was looked for.
 *
 * @throws not_found where there is nothing, and so for what belongs to another account
 */
export function found<T>(thing: T | undefined): T {
  if (thing === undefined) throw notFound();
  return thing;
}
