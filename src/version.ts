import { readFileSync } from 'node:fs';
import { isObject } from './render/json.ts';

/** The version of this package, as its package.json has it. */
export function ownVersion(): string {
  const file = new URL('../package.json', import.meta.url);
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (isObject(content) && typeof content['version'] === 'string') return content['version'];
  throw new Error('The package.json of create-shipkit has no version.');
}
