import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ProjectAnswers } from '../catalog/answers.ts';
import { cancelled } from '../problem.ts';

/** What became of the packages: nothing to do, brought, for the owner to bring, or a failure. */
export type Packages =
  | { readonly state: 'same' | 'installed' }
  | { readonly state: 'pending'; readonly command: string }
  | { readonly state: 'failed'; readonly command: string; readonly reason: string };

interface Surroundings {
  readonly folder: string;
  readonly answers: ProjectAnswers;
  readonly written: boolean;
  readonly install: boolean;
  readonly signal: AbortSignal;
  readonly during: <T>(label: string, work: () => Promise<T>) => Promise<T>;
}

/**
 * Installs the packages of a project that asks for others now, where it has any and may. A failure
 * is a result: the change stands.
 *
 * @throws Problem (exit code 130) when the user interrupts it
 */
export async function bringPackages(
  changed: boolean,
  { folder, answers, written, install, signal, during }: Surroundings,
): Promise<Packages> {
  if (!changed) return { state: 'same' };
  const { packageManager } = answers;
  const command = `${packageManager} install`;
  const installed = existsSync(path.join(folder, 'node_modules'));
  if (!written || !install || !installed) return { state: 'pending', command };
  const { bringUpToDate } = await import('../project/install.ts');
  try {
    const outcome = await during(`Installing with ${packageManager}`, () =>
      bringUpToDate(packageManager, folder, signal),
    );
    if (outcome.state === 'done') return { state: 'installed' };
    return { state: 'failed', command, reason: outcome.reason };
  } catch (error) {
    if (!signal.aborted) throw error;
    throw cancelled(`Cancelled while installing: the change is made; go on with ${command}.`);
  }
}
