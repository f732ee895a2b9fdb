import type { ProjectAnswers } from '../catalog/answers.ts';
import { catalog, type Feature } from '../catalog/features.ts';
import { titleOf } from '../catalog/name.ts';
import { resolve } from '../catalog/resolve.ts';
import { domainLayers, domainTables } from './domain.ts';
import { isObject, type JsonObject } from './json.ts';
import { composeFiles, layersOf, listsOf } from './layers.ts';
import { lockFor } from './lockfile.ts';
import { baseOf, basePath, manifestOf, manifestPath } from './manifest.ts';
import { migrationFor, tablesIn } from './migration.ts';
import type { Once, Templates } from './templates.ts';
import { modeOf, sorted, type Tree } from './tree.ts';

export interface RenderOptions {
  /** The generator's version, for the manifest. */
  readonly version: string;
  readonly catalog?: readonly Feature[];
}

/**
 * A whole project in memory. The same answers, templates and version give the same bytes on every
 * machine: nothing here reads a disk, a clock or a source of randomness.
 *
 * @throws Problem for answers that contradict each other
 * @throws Error for templates that do not fit each other
 */
export function render(
  answers: ProjectAnswers,
  templates: Templates,
  options: RenderOptions,
): Tree {
  const all = options.catalog ?? catalog;
  const { features } = resolve(answers, all);
  const layers = [...layersOf(features, templates), ...domainLayers(answers.domains, templates)];
  const context = { ...contextOf(answers, features, all), lists: listsOf(layers, templates) };

  const tree: Tree = new Map();
  for (const [path, content] of composeFiles(layers, context)) {
    tree.set(path, { content, mode: modeOf(path, content) });
  }
  addOnce(tree, templates.once, domainTables(answers.domains));
  return withRecords(sorted(tree), { version: options.version, answers, features });
}

function contextOf(answers: ProjectAnswers, present: readonly string[], all: readonly Feature[]) {
  const { name, tier, packageManager } = answers;
  const npm = packageManager === 'npm';
  return {
    name,
    title: titleOf(name),
    tier,
    packageManager,
    npm,
    pnpm: !npm,
    run: npm ? 'npm run' : 'pnpm',
    exec: npm ? 'npx' : 'pnpm exec',
    install: `${packageManager} install`,
    features: Object.fromEntries(all.map(({ name: one }) => [one, present.includes(one)])),
  };
}

/**
 * The project's part of what was made once for the full set of features. Tables that come later, by
 * migrations of the project's own, are left out.
 */
function addOnce(tree: Tree, { lock, migration }: Once, later: ReadonlySet<string>): void {
  const add = (path: string, content: string) => {
    tree.set(path, { content, mode: modeOf(path, content), once: true });
  };
  const packageJson = parsed(tree, 'package.json');
  if (lock !== undefined && packageJson !== undefined) {
    add('package-lock.json', lockFor(packageJson, lock));
  }
  if (migration === undefined) return;
  const tables = [...tablesOf(tree)].filter((table) => !later.has(table));
  const part = migrationFor(new Set(tables), migration);
  add('migrations/0000_initial.sql', part.sql);
  add('migrations/meta/0000_snapshot.json', `${JSON.stringify(part.snapshot, null, 2)}\n`);
  add('migrations/meta/_journal.json', `${JSON.stringify(part.journal, null, 2)}\n`);
}

/** The tables that the project's own models define. */
export function tablesOf(tree: Tree): Set<string> {
  const tables = new Set<string>();
  for (const [path, { content }] of tree) {
    if (!path.startsWith('src/') || typeof content !== 'string') continue;
    for (const table of tablesIn(content)) tables.add(table);
  }
  return tables;
}

function withRecords(tree: Tree, about: Parameters<typeof manifestOf>[1]): Tree {
  const { name, tier, features, without, domains, packageManager } = about.answers;
  const answers = { name, tier, features, without, domains, packageManager };
  const records: Tree = new Map([
    [basePath, { content: baseOf(tree), mode: 0o644 }],
    [manifestPath, { content: manifestOf(tree, { ...about, answers }), mode: 0o644 }],
  ]);
  return sorted(new Map([...tree, ...records]));
}

function parsed(tree: Tree, path: string): JsonObject | undefined {
  const content = tree.get(path)?.content;
  const value: unknown = typeof content === 'string' ? JSON.parse(content) : undefined;
  return isObject(value) ? value : undefined;
}
