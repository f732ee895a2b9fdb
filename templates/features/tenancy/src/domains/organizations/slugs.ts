import { randomBytes } from 'node:crypto';
import { slugLength } from './models.ts';

/** Characters of what makes a slug differ from others of the same name. */
const suffixLength = 6;

/**
 * A slug for an organization of this name that hardly another has: `Müller & Söhne` is
 * `muller-sohne-3f9a1c`. Without the end, it would tell which names are there already.
 */
export function slugOf(name: string): string {
  const words = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  const suffix = randomBytes(suffixLength / 2).toString('hex');
  const begin = (words ?? ['organization']).join('-').slice(0, slugLength - suffixLength - 1);
  return `${begin.replace(/-$/, '')}-${suffix}`;
}
