import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';

/** Makes an empty folder, which goes with the test run. */
export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(inject('runFolder'), 'folder-'));
}
