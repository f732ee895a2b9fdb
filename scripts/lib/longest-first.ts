import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Vitest begins with the files that took longest the last time. Where there was none, it takes the
 * largest ones for those, and would keep the longest of all to the end, when nothing runs beside it.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // Vitest's own, which gives a new list.
    // oxlint-disable-next-line unicorn/no-array-sort
    const sorted = await super.sort(files);
    return sorted.toSorted(
      (a, b) => groupOf(a) - groupOf(b) || Number(isLongest(b)) - Number(isLongest(a)),
    );
  }
}

function groupOf({ project }: TestSpecification): number {
  return project.config.sequence.groupOrder;
}

/** Runs all tests of a whole project. */
function isLongest({ moduleId }: TestSpecification): boolean {
  return moduleId.endsWith('/test/projects/pairs.test.ts');
}
