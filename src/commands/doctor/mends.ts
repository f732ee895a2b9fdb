// The commands that mend what doctor finds, as far as they are not shipkit's own.
import { repositoryOf } from '../../project/undo.ts';

/** Brings a generated file back: by git, or where there is no repository, from what was generated. */
export function restoring(folder: string, file: string): string {
  if (repositoryOf(folder) !== undefined) return `git restore ${file}`;
  return `shipkit diff ${file} | git apply -R`;
}

/** Opens a place of which only a person can say what it is to be. */
export function editing(file: string, line?: number): string {
  if (process.platform === 'win32') return `notepad ${file}`;
  return `\${EDITOR:-vi} ${line === undefined ? '' : `+${line} `}${file}`;
}
