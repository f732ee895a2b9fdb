// The lists of domains and of tables, against the folders: each domain has its lines, and each line
// its domain. However its owner wrote an import or a formatter laid it out, it is known by its module.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ProjectAnswers } from '../catalog/answers.ts';
import { tablesIn } from '../render/migration.ts';
import type { Tree } from '../render/tree.ts';
import { parseModule } from './declarations.ts';
import { schemaPath } from './retired.ts';

export const domainsPath = 'src/domains/index.ts';

export interface ListGap {
  readonly file: string;
  /** The folder of the domain. */
  readonly folder: string;
  readonly kind: 'missing' | 'dead';
  /** Whether the list is written so that it can be mended without its owner. */
  readonly canMend: boolean;
}

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
  return [domainsPath, schemaPath].flatMap((file) => {
    const text = textOf(project, file);
    if (text === undefined) return [];
    const gaps = gapsIn(project, file, text);
    const left = new Set(gapsIn(project, file, mended(project, { file, text }, gaps)).map(keyOf));
    return gaps.map((gap) => ({ file, ...gap, canMend: !left.has(keyOf(gap)) }));
  });
}

interface ListText {
  readonly file: string;
  readonly text: string;
}

/**
 * The text of a list without its gaps.
 *
 * @param keep folders whose lines stay even where the folder is gone: the project cannot be without
 */
export function withoutGaps(project: string, list: ListText, keep: ReadonlySet<string>): string {
  const gaps = gapsIn(project, list.file, list.text);
  return mended(
    project,
    list,
    gaps.filter(({ folder, kind }) => kind === 'missing' || !keep.has(folder)),
  );
}

type Gap = Pick<ListGap, 'folder' | 'kind'>;

function keyOf({ folder, kind }: Gap): string {
  return `${kind} ${folder}`;
}

function gapsIn(project: string, file: string, text: string): Gap[] {
  const has = file === domainsPath ? hasRoutes : hasTables;
  const listed = statementsIn(file, text).map(({ folder }) => folder);
  const dead = listed.filter((folder) => !has(project, folder));
  const missing = domainFolders(project).filter(
    (folder) => has(project, folder) && !listed.includes(folder),
  );
  return [
    ...dead.map((folder) => ({ folder, kind: 'dead' as const })),
    ...missing.map((folder) => ({ folder, kind: 'missing' as const })),
  ];
}

interface Statement {
  readonly folder: string;
  readonly text: string;
}

/** The imports of routers in the list of domains; the exports of models in that of tables. */
function statementsIn(file: string, text: string): Statement[] {
  const place =
    file === domainsPath
      ? String.raw`(?:\./|#app/domains/)([^/'"]+)/router`
      : String.raw`(?:\.\./|#app/)domains/([^/'"]+)/models`;
  const statement = new RegExp(
    String.raw`^(?:import|export)\b[^'";]*?\bfrom\s*(['"])${place}\.[jt]s\1.*\n?`,
    'gm',
  );
  return [...text.matchAll(statement)].map((match) => ({ folder: match[2] ?? '', text: match[0] }));
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

function mended(project: string, { file, text }: ListText, gaps: readonly Gap[]): string {
  return gaps.reduce((list, { folder, kind }) => {
    if (kind === 'dead') return without(file, list, folder);
    return file === domainsPath ? withRoutes(project, folder, list) : withModels(folder, list);
  }, text);
}

/** Without the statement for a folder, and without the entry of what that imported. */
function without(file: string, text: string, folder: string): string {
  const gone = statementsIn(file, text).find((one) => one.folder === folder)?.text ?? '';
  const rest = text.replace(gone, '');
  const names = parseModule(gone).imports.flatMap((one) => one.names);
  const local = names.map((name) => name.replace(/^type\s+/, '').replace(/^.*\bas\s+/, ''));
  const entry = new RegExp(
    String.raw`^[^\S\n]*(?:(?:[\w$]+|(['"])[^'"\n]+\1)\s*:\s*)?(?:${local.join('|') || '(?!)'}),?[^\S\n]*\n`,
    'gm',
  );
  return rest.replaceAll(entry, '');
}

function withRoutes(project: string, folder: string, text: string): string {
  const lines = text.split('\n');
  const routes = routesOf(project, folder) ?? '';
  const name = /^[\w$]+$/.test(folder) ? folder : `'${folder}'`;
  const end = lines.findLastIndex((line) => /^\};?\s*(?:\/\/.*)?$/.test(line));
  const isTaken = new RegExp(String.raw`\b${routes.replaceAll('$', String.raw`\$`)}\b`).test(text);
  if (end === -1 || isTaken) return text;
  const last = statementsIn(domainsPath, text).at(-1)?.text.trimEnd() ?? '';
  const imported = lines.indexOf(last.split('\n').at(-1) ?? '');
  return [
    ...lines.slice(0, imported + 1),
    `import { ${routes} } from './${folder}/router.ts';`,
    ...lines.slice(imported + 1, end),
    `  ${name}: ${routes},`,
    ...lines.slice(end),
  ].join('\n');
}

/** Those in a folder of a domain's folder as well. */
const modelsOfDomains =
  /^export\b[^'";]*?\bfrom\s*(['"])(?:\.\.\/|#app\/)domains\/[^'"]+\/models\.[jt]s\1.*\n?/gm;

function withModels(folder: string, text: string): string {
  const place = `'../domains/${folder}/models.ts'`;
  const line = `export * from ${place};\n`;
  const last = text.match(modelsOfDomains)?.at(-1);
  if (last === undefined) return line + text;
  const at = text.lastIndexOf(last) + last.length;
  return `${text.slice(0, at)}${last.endsWith('\n') ? '' : '\n'}${line}${text.slice(at)}`;
}

function textOf(project: string, file: string): string | undefined {
  const full = path.join(project, file);
  return existsSync(full) ? readFileSync(full, 'utf8').replaceAll('\r\n', '\n') : undefined;
}
