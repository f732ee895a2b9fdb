import { existsSync } from 'node:fs';

const project = new URL('../../../dev/project.ts', import.meta.url);

/**
 * The URL of the private database of development, where that runs: the instances that are developed
 * tell there which keys they know. It is not started for this, since a rotation that nobody waits for
 * needs no database.
 */
export async function developmentDatabase(): Promise<string | undefined> {
  // Where this is deployed without dev/, there is none.
  if (process.env['NODE_ENV'] === 'production' || !existsSync(project)) return undefined;
  const { runningDatabase } = await import('../../../dev/project.ts');
  return runningDatabase();
}
