import { notesBetween, type VersionNotes } from '../project/changelog.ts';
import type { OpenProject } from '../project/open.ts';
import { render } from '../render/render.ts';
import type { Templates } from '../render/templates.ts';

export interface FileOutlook {
  readonly path: string;
  readonly change: 'new' | 'changed' | 'removed';
}

export interface Outlook {
  readonly from: string;
  readonly to: string;
  /** What the templates of the running version give otherwise than those that made the project. */
  readonly files: readonly FileOutlook[];
  readonly notes: readonly VersionNotes[];
  readonly isNews: boolean;
}

interface Running {
  readonly version: string;
  readonly templates: Templates;
  readonly changelog: string;
}

/** What an update would bring to the project. */
export function outlook(
  { manifest, base }: Pick<OpenProject, 'manifest' | 'base'>,
  { version, templates, changelog }: Running,
): Outlook {
  const theirs = render(manifest.answers, templates, { version });
  const given = [...theirs].filter(([path, { once }]) => once !== true && !isRecord(path));
  const paths = new Set([...base.keys(), ...given.map(([path]) => path)]);
  const files = [...paths].toSorted().flatMap((path): FileOutlook[] => {
    const [before, after] = [base.get(path), theirs.get(path)];
    if (before === undefined) return [{ path, change: 'new' }];
    if (after === undefined || after.once === true) return [{ path, change: 'removed' }];
    const same = before.content === after.content && before.mode === after.mode;
    return same ? [] : [{ path, change: 'changed' }];
  });
  return {
    from: manifest.version,
    to: version,
    files,
    notes: notesBetween(changelog, manifest.version, version),
    isNews: files.length > 0 || manifest.version !== version,
  };
}

function isRecord(path: string): boolean {
  return path.startsWith('.shipkit/');
}
