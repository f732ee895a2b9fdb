import { gitStage } from '../../project/undo.ts';
import { Problem } from '../../problem.ts';
import { manifestPath } from '../../render/manifest.ts';
import { clashesIn } from '../mend.ts';
import type { Finding } from './finding.ts';

interface Merged {
  readonly folder: string;
  readonly version: string;
  readonly signal: AbortSignal;
}

/**
 * Domains that two branches made with other fields: their models, routes, tests and migrations
 * contradict, so that only their owner can say what is meant.
 *
 * @throws Problem (exit code 3) when a newer version made the project
 */
export async function clashingDomains(merged: Merged): Promise<Finding[]> {
  const found = await clashesOf(merged);
  if (found.length === 0) return [];
  const stage = await gitStage(merged.folder, merged.signal, { stage: 2, file: manifestPath });
  return found.map(({ name, ours, theirs }) => ({
    check: 'domains',
    severity: 'error',
    message: `Both branches have added ${name}: this one with ${ours}, the other with ${theirs}. Undo the merge and revert the commit that added it on one of them (if both are needed, add it there again under another name), then merge again.`,
    ...(stage === undefined ? {} : { mend: 'git merge --abort' }),
    files: [manifestPath],
  }));
}

/** A manifest that is damaged besides is reported as that. */
async function clashesOf(merged: Merged) {
  try {
    return await clashesIn(merged);
  } catch (error) {
    if (error instanceof Problem && error.code === 'manifest-damaged') return [];
    throw error;
  }
}
