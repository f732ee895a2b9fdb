import type { ProjectAnswers } from '../catalog/answers.ts';
import { findProject } from '../project/find.ts';

export interface Info {
  readonly folder: string;
  readonly version: string;
  readonly answers: ProjectAnswers;
  readonly features: readonly string[];
}

/**
 * What the project around `cwd` was made from.
 *
 * @throws Problem (exit code 3) when there is none that this version can read
 */
export function info(cwd: string, version: string): Info {
  const { folder, manifest } = findProject(cwd, version);
  const { answers, features } = manifest;
  return { folder, version: manifest.version, answers, features };
}
