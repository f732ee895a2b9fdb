import { precondition } from '../problem.ts';
import type { Tree } from '../render/tree.ts';
import type { Project } from './find.ts';

/**
 * A merge needs the templates that made the project: what changed between them and these would be
 * taken for the work of the command.
 *
 * @param now what the running version renders for the answers of the project
 * @param command what the user wants to do, as they typed it
 * @throws Problem (exit code 3) when that is not what it once rendered
 */
export function requireSameTemplates(
  { manifest }: Project,
  { base, now, command }: { base: Tree; now: Tree; command: string },
): void {
  const files = [...now].filter(
    ([path, { once }]) => once !== true && !path.startsWith('.shipkit/'),
  );
  const same =
    files.length === base.size &&
    files.every(([path, { content, mode }]) => {
      const before = base.get(path);
      return before?.content === content && before.mode === mode;
    });
  if (same) return;
  throw precondition(
    `This project has the templates of create-shipkit ${manifest.version}, and this version has others: run shipkit update first, or npx create-shipkit@${manifest.version} ${command}.`,
    'other-templates',
  );
}
