// The lists of domains and of tables, against the folders: each domain has its lines, and each line
// its domain.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ProjectAnswers } from '../catalog/answers.ts';
import { tablesIn } from '../render/migration.ts';
import type { Tree } from '../render/tree.ts';
import { schemaPath } from './retired.ts';

export const domainsPath = 'src/domains/index.ts';

export interface ListGap {
  readonly file: string;
  /** The folder of the domain. */
  readonly folder: string;
  readonly kind: 'missing' | 'dead';
}

const routerImport = /^import \{ ([\w$]+) \} from '\.\/([^/']+)\/router\.ts';$/;
const modelsExport = /^export \* from '\.\.\/domains\/([^/']+)\/models\.ts';$/;

/** The folders of domains that came with the project or with a feature, and not by `add-domain`. */
export function builtInFolders(tree: Tree, { domains }: ProjectAnswers): ReadonlySet<string> {
  const added = new Set(domains.map(({ name }) => name));
  const folders = [...tree.keys()].flatMap(
    (file) => /^src\/domains\/([^/]+)\//.exec(file)?.[1] ?? [],
  );
  return new Set(folders.filter((folder) => !added.has(folder)));
}

/** What the lists lack or have too much. */
export function listGaps(project: string): ListGap[] {
  return [
    ...gapsOf(project, domainsPath, { pattern: routerImport, group: 2, has: hasRoutes }),
    ...gapsOf(project, schemaPath, { pattern: modelsExport, group: 1, has: hasTables }),
  ];
}

interface ListText {
  readonly file: string;
  readonly text: string;
  /** Folders whose lines stay even where the folder is gone: the project cannot be without them. */
  readonly keep: ReadonlySet<string>;
}

/** The text of a list without its gaps. */
export function withoutGaps(project: string, { file, text, keep }: ListText): string {
  const gaps = gapsIn(project, text, kindOf(file));
  return gaps
    .filter(({ folder, kind }) => kind === 'missing' || !keep.has(folder))
    .reduce((lines, gap) => mend(project, file, { lines, gap }), text.split('\n'))
    .join('\n');
}

interface ListKind {
  readonly pattern: RegExp;
  readonly group: number;
  readonly has: (project: string, folder: string) => boolean;
}

function kindOf(file: string): ListKind {
  return file === domainsPath
    ? { pattern: routerImport, group: 2, has: hasRoutes }
    : { pattern: modelsExport, group: 1, has: hasTables };
}

function gapsOf(project: string, file: string, kind: ListKind): ListGap[] {
  const text = textOf(project, file);
  return text === undefined ? [] : gapsIn(project, text, kind).map((gap) => ({ ...gap, file }));
}

function gapsIn(project: string, text: string, kind: ListKind): Omit<ListGap, 'file'>[] {
  const listed = text
    .split('\n')
    .flatMap((line) => kind.pattern.exec(line.trim())?.[kind.group] ?? []);
  const dead = listed.filter((folder) => !kind.has(project, folder));
  const missing = domainFolders(project).filter(
    (folder) => kind.has(project, folder) && !listed.includes(folder),
  );
  return [
    ...dead.map((folder) => ({ folder, kind: 'dead' as const })),
    ...missing.map((folder) => ({ folder, kind: 'missing' as const })),
  ];
}

function domainFolders(project: string): string[] {
  const domains = path.join(project, 'src', 'domains');
  if (!existsSync(domains)) return [];
  return readdirSync(domains, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}

function hasRoutes(project: string, folder: string): boolean {
  return routesOf(project, folder) !== undefined;
}

function hasTables(project: string, folder: string): boolean {
  return tablesIn(textOf(project, `src/domains/${folder}/models.ts`) ?? '').length > 0;
}

/** The name under which a router gives its routes. */
function routesOf(project: string, folder: string): string | undefined {
  const router = textOf(project, `src/domains/${folder}/router.ts`) ?? '';
  return /^export (?:function|const) ([\w$]+Routes)\b/m.exec(router)?.[1];
}

interface Mending {
  readonly lines: readonly string[];
  readonly gap: Omit<ListGap, 'file'>;
}

function mend(project: string, file: string, { lines, gap }: Mending): string[] {
  const isDomains = file === domainsPath;
  const { folder, kind } = gap;
  if (kind === 'missing') {
    return isDomains ? withRoutes(project, folder, lines) : withModels(folder, lines);
  }
  const { pattern, group } = kindOf(file);
  const line = lines.find((one) => pattern.exec(one.trim())?.[group] === folder);
  const routes = isDomains ? pattern.exec(line?.trim() ?? '')?.[1] : undefined;
  const entry = new RegExp(
    `^\\s*(?:[\\w$]+|'[^']+'): ${routes ?? '(?!)'},?$|^\\s*${routes ?? '(?!)'},?$`,
  );
  return lines.filter((one) => one !== line && !entry.test(one));
}

function withRoutes(project: string, folder: string, lines: readonly string[]): string[] {
  const routes = routesOf(project, folder) ?? '';
  const name = /^[\w$]+$/.test(folder) ? folder : `'${folder}'`;
  const imported = lines.findLastIndex((line) => routerImport.test(line.trim()));
  const end = lines.findLastIndex((line) => line.trim() === '};');
  if (end === -1) return [...lines];
  return [
    ...lines.slice(0, imported + 1),
    `import { ${routes} } from './${folder}/router.ts';`,
    ...lines.slice(imported + 1, end),
    `  ${name}: ${routes},`,
    ...lines.slice(end),
  ];
}

function withModels(folder: string, lines: readonly string[]): string[] {
  const at = lines.findLastIndex((line) => modelsExport.test(line.trim()));
  const place = `'../domains/${folder}/models.ts'`;
  return [...lines.slice(0, at + 1), `export * from ${place};`, ...lines.slice(at + 1)];
}

function textOf(project: string, file: string): string | undefined {
  const full = path.join(project, file);
  return existsSync(full) ? readFileSync(full, 'utf8').replaceAll('\r\n', '\n') : undefined;
}
