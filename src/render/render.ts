import type { ProjectAnswers } from '../catalog/answers.ts';
import { catalog, type Feature } from '../catalog/features.ts';
import type { Domain } from '../catalog/domains/fields.ts';
import { titleOf } from '../catalog/name.ts';
import { scriptRunner } from '../catalog/package-manager.ts';
import { resolve } from '../catalog/resolve.ts';
import { deployOf } from './deploy.ts';
import { domainLayers, domainTables } from './domain.ts';
import { isObject, type JsonObject } from './json.ts';
import { composeFiles, layersOf, listsOf } from './layers.ts';
import { lockFor } from './lockfile.ts';
import type { Known } from './manifest.ts';
import { migrationFor, tablesIn } from './migration.ts';
import { packRecords, type RecordsInput, recordsOf } from './records.ts';
import type { Once, Templates } from './templates.ts';
import { type Entry, modeOf, sorted, textOf, type Tree } from './tree.ts';

export interface RenderOptions {
  /** The generator's version, for the manifest. */
  readonly version: string;
  readonly catalog?: readonly Feature[];
  /** What the same templates gave for other answers: what is the same is not rendered again. */
  readonly standing?: Standing | undefined;
}

export interface Standing extends Known {
  readonly answers: ProjectAnswers;
}

/**
 * A whole project in memory, all of it text but the base. The same answers, templates and version give the same bytes on every
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
  const { files, about } = renderFiles(answers, templates, options);
  const texts = new Map([...files].map(([path, entry]) => [path, asText(entry)]));
  return sorted(new Map([...texts, ...recordsOf(texts, about)]));
}

function asText({ content, ...rest }: Entry): Entry {
  return { content: textOf(content), ...rest };
}

/** A project that is made and not read: its records are packed while its files are written. */
export interface Rendering {
  /** All files but the records. What is copied is bytes. */
  readonly files: Tree;
  /** Packs the records, mostly in another thread. */
  readonly records: () => Promise<Tree>;
}

/** The same as `render`, in two parts. */
export function renderApart(
  answers: ProjectAnswers,
  templates: Templates,
  options: RenderOptions,
): Rendering {
  const { files, about } = renderFiles(answers, templates, options);
  return { files, records: () => packRecords(files, about) };
}

function renderFiles(
  answers: ProjectAnswers,
  templates: Templates,
  options: RenderOptions,
): { files: Tree; about: RecordsInput } {
  const all = options.catalog ?? catalog;
  const { features } = resolve(answers, all);
  const { parts, deploy } = deployOf(answers, features);
  const ready = standingDomains(answers, options.standing);
  const layers = [
    ...layersOf(features, parts, templates),
    ...domainLayers(answers.domains, templates, { features, ready }),
  ];
  const lists = listsOf(layers, templates);
  const context = { ...contextOf(answers, features, all), deploy, lists };

  const tree: Tree = new Map();
  for (const [path, content] of composeFiles(layers, context)) {
    tree.set(path, { content, mode: modeOf(path, content) });
  }
  addOnce(tree, templates.once, domainTables(answers.domains));
  const about = { version: options.version, features, templates: templates.id };
  const known = options.standing;
  return { files: sorted(tree), about: { ...about, answers: ofProject(answers), known } };
}

/** The answers that a project keeps. */
function ofProject(answers: ProjectAnswers): ProjectAnswers {
  const { name, tier, features, without, domains, deploy, packageManager } = answers;
  const kept = { name, tier, features, without, domains };
  return { ...kept, ...(deploy !== undefined && { deploy }), packageManager };
}

/** The domains of a standing project that come out the same: theirs and all other answers stay. */
function standingDomains(
  answers: ProjectAnswers,
  standing: Standing | undefined,
): ReadonlyMap<Domain, ReadonlyMap<string, Entry>> {
  if (standing === undefined) return new Map();
  if (withoutDomains(answers) !== withoutDomains(standing.answers)) return new Map();
  const known = new Set(standing.answers.domains.map((domain) => JSON.stringify(domain)));
  const same = answers.domains.filter((domain) => known.has(JSON.stringify(domain)));
  return new Map(same.map((domain) => [domain, standing.tree]));
}

function withoutDomains(answers: ProjectAnswers): string {
  return JSON.stringify({ ...answers, domains: [] });
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
    run: scriptRunner(packageManager),
    /** What stands between a script and its own arguments. */
    pass: npm ? '-- ' : '',
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
    if (!path.startsWith('src/')) continue;
    for (const table of tablesIn(content)) tables.add(table);
  }
  return tables;
}

function parsed(tree: Tree, path: string): JsonObject | undefined {
  const file = tree.get(path);
  const value: unknown = file && JSON.parse(textOf(file.content));
  return isObject(value) ? value : undefined;
}
