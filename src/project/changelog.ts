import { isNewer, isVersion } from './version.ts';

/** What a version brought, in the words of its release. */
export interface VersionNotes {
  readonly version: string;
  readonly notes: string;
}

/** The notes of the versions after `from`, up to `to`, the newest first. */
export function notesBetween(changelog: string, from: string, to: string): VersionNotes[] {
  const [, ...sections] = changelog.replaceAll('\r\n', '\n').split(/^## /m);
  return sections
    .map((section) => {
      const [heading = '', ...lines] = section.split('\n');
      return { version: heading.trim().split(/\s/)[0] ?? '', notes: lines.join('\n').trim() };
    })
    .filter(({ version }) => isVersion(version))
    .filter(({ version }) => isNewer(version, from) && !isNewer(version, to));
}
