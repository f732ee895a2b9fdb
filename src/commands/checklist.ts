import { badInput } from '../problem.ts';
import type { Target } from '../catalog/deploy/targets.ts';
import { textOf, type Tree } from '../render/tree.ts';

/** A step on the way to where a project runs. */
export interface Step {
  readonly text: string;
  /** What is typed for it, a line each. */
  readonly commands: readonly string[];
}

const heading = '## Checklist\n';

/**
 * The checklist of a target: the numbered list under its heading in the README of the target's own
 * folder, which is the one place where it is written down.
 *
 * @param tree a project that has the target
 */
export function checklistOf(tree: Tree, target: Target): Step[] {
  const readme = textOf(tree.get(`deploy/${target}/README.md`)?.content ?? '');
  const [, section = ''] = `\n${readme}`.split(`\n${heading}`);
  const [list = ''] = section.split(/^## /m);
  const steps = list.split(/^\d+\. /m).slice(1);
  if (steps.length === 0) throw badInput(`There is no checklist for ${target}.`, 'no-checklist');
  return steps.map((step) => {
    const commands = [...step.matchAll(/^ *```\w*\n([\s\S]*?)^ *```$/gm)].flatMap(
      ([, block = '']) => block.split('\n').map((line) => line.trim()),
    );
    const text = step.replaceAll(/^ *```\w*\n[\s\S]*?^ *```$/gm, '');
    return {
      text: text.replaceAll(/\s+/g, ' ').trim(),
      commands: commands.filter((line) => line !== ''),
    };
  });
}
