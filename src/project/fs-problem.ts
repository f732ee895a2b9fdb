import { exitCodes, precondition, Problem } from '../problem.ts';

/**
 * What a failed file operation means to the user, as one sentence; undefined for a failure that
 * is none of theirs.
 */
export function fsProblem(error: unknown, place: string): Problem | undefined {
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new Problem(
        exitCodes.unexpected,
        'disk-full',
        `The disk is full: nothing was left in ${place}; free some space and run this again.`,
      );
    case 'EACCES':
    case 'EPERM':
      return precondition(
        `There is no permission to write in ${place}: choose another folder.`,
        'no-permission',
      );
    case 'EROFS':
      return precondition(`${place} is on a read-only disk: choose another folder.`, 'read-only');
    case 'ENOTDIR':
      return precondition(`Part of the path ${place} is a file, not a folder.`, 'not-a-folder');
    case 'ENAMETOOLONG':
      return precondition(`The path ${place} is too long for this disk.`, 'path-too-long');
    case 'ELOOP':
      return precondition(`The path ${place} goes round in symbolic links.`, 'path-loops');
    default:
      return undefined;
  }
}

/**
 * What reading gives, or undefined where there is nothing to read.
 *
 * @param place what a failure is told of
 * @param missing the system's codes that say that there is nothing
 * @throws Problem when there is something that cannot be read
 */
export function ifThere<T>(
  place: string,
  reading: () => T,
  missing: readonly string[] = ['ENOENT'],
): T | undefined {
  try {
    return reading();
  } catch (error) {
    if (missing.includes(codeOf(error) ?? '')) return undefined;
    throw fsProblem(error, place) ?? error;
  }
}

/** The system's code of an error (`ENOENT`, …), undefined when it has none. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
