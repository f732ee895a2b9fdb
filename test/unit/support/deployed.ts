import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { ProjectAnswers } from '../../../src/catalog/answers.ts';
import type { Target } from '../../../src/catalog/deploy/targets.ts';
import { writeTree } from '../../../src/project/staging.ts';
import { deployments, rendered } from './combinations.ts';

const looked = /^(?:deploy\/|Dockerfile$|\.dockerignore$|src\/http\/server\.ts$)/;

/**
 * What a project of these answers has for its deployment, on the disk.
 *
 * @param end when it goes again: after all tests of the file, or after the one that runs
 */
export function writtenDeployment(
  answers: ProjectAnswers,
  end: (remove: () => void) => void = afterAll,
): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'shipkit-deployed-')));
  end(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  writeTree(new Map([...rendered(answers)].filter(([path]) => looked.test(path))), folder);
  return folder;
}

/** Projects with a target, each under its answers in words. */
export function projectsWith(target: Target): (readonly [words: string, ProjectAnswers])[] {
  return deployments('my-app')
    .filter(({ deploy }) => deploy?.[target] !== undefined)
    .filter(({ features, packageManager }) => packageManager === 'npm' || features.length === 1)
    .map((answers) => {
      const { deploy, features, packageManager } = answers;
      return [[JSON.stringify(deploy), features.join('+'), packageManager].join(' '), answers];
    });
}
