import { afterAll, beforeAll } from 'vitest';
import type { FlagDeclarations } from '#app/domains/flags/define-flags.ts';
import { flags } from '#app/domains/flags/flags.ts';

/** Declares flags beside the project's own, in a service that starts after this, for a file's tests. */
export function declareFlags(declarations: FlagDeclarations): void {
  beforeAll(() => void Object.assign(flags, declarations));
  afterAll(() => {
    for (const name of Object.keys(declarations)) Reflect.deleteProperty(flags, name);
  });
}
