import { gitStage } from '../../project/undo.ts';
import { Problem } from '../../problem.ts';
import { manifestPath } from '../../render/manifest.ts';
import { type Contradictions, contradictionsIn } from '../mend.ts';
import type { Finding } from './finding.ts';

interface Merged {
  readonly folder: string;
  readonly version: string;
  readonly signal: AbortSignal;
}

/**
 * In what two branches contradict, so that only their owner can say what is meant: domains that each
 * made with other fields, or something that one needs and the other took away.
 *
 * @throws Problem (exit code 3) when a newer version made the project
 */
export async function contradictions(merged: Merged): Promise<Finding[]> {
  const { clashes, refusal } = await contradictionsOf(merged);
  const messages = [
    ...clashes.map(
      ({ name, ours, theirs }) =>
        `Both branches have added ${name}: this one with ${ours}, the other with ${theirs}. Undo the merge and revert the commit that added it on one of them (if both are needed, add it there again under another name), then merge again.`,
    ),
    ...(refusal === undefined || clashes.length > 0
      ? []
      : [
          `The branches contradict: ${refusal} Undo the merge, and take back on one of them what the other needs, then merge again.`,
        ]),
  ];
  if (messages.length === 0) return [];
  const stage = await gitStage(merged.folder, merged.signal, { stage: 2, file: manifestPath });
  const revert = 'git revert -m 1 $(git rev-list --merges -n 1 HEAD)';
  return messages.map((message) => ({
    check: 'domains',
    severity: 'error',
    message,
    mend: stage === undefined ? revert : 'git merge --abort',
    files: [manifestPath],
  }));
}

/** A manifest that is damaged besides is reported as that. */
async function contradictionsOf(merged: Merged): Promise<Contradictions> {
  try {
    return await contradictionsIn(merged);
  } catch (error) {
    if (error instanceof Problem && error.code === 'manifest-damaged') {
      return { clashes: [], refusal: undefined };
    }
    throw error;
  }
}
