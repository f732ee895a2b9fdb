// Makes what every project gets its part of (templates/once/): the lockfile of the full set of features,
// and the initial migration of all tables. With --check it only says whether they are up to date.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { withDefaults } from '../src/catalog/answers.ts';
import { catalog, offeredIn } from '../src/catalog/features.ts';
import { requirementsOf } from '../src/catalog/resolve.ts';
import { schemaPath } from '../src/project/retired.ts';
import { writeTree } from '../src/project/staging.ts';
import { isList, isObject, type JsonObject, objectIn } from '../src/render/json.ts';
import { render, tablesOf } from '../src/render/render.ts';
import type { Templates } from '../src/render/templates.ts';
import type { Tree } from '../src/render/tree.ts';
import { templatesFrom } from '../src/templates/compile.ts';
import { readMigration } from '../src/templates/read.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const once = path.join(root, 'templates', 'once');
// drizzle-kit draws an id and takes the time: ours are the same on every run.
const fixedId = '00000000-0000-0000-0000-000000000001';
const fixedTime = Date.UTC(2025, 0, 1);

const { check } = parseArgs({ options: { check: { type: 'boolean' } } }).values;

const fresh = await makeOnce();
const stale = Object.entries(fresh).filter(
  ([file, text]) => textOf(path.join(once, file)) !== text,
);
if (check !== true) {
  for (const [file, text] of stale) {
    mkdirSync(path.dirname(path.join(once, file)), { recursive: true });
    writeFileSync(path.join(once, file), text);
  }
}
for (const [file] of stale) {
  console.log(`templates/once/${file} ${check === true ? 'is out of date' : 'written'}`);
}
if (stale.length === 0) console.log('templates/once is up to date');
else if (check === true) {
  console.error('Run npm run refresh.');
  process.exitCode = 1;
}

/** The files of templates/once by their path, made from a project with everything in it. */
async function makeOnce(): Promise<Record<string, string>> {
  mkdirSync(path.join(root, '.cache'), { recursive: true });
  const folder = mkdtempSync(path.join(root, '.cache', 'refresh-'));
  try {
    const tree = renderEverything();
    writeTree(tree, folder);
    const lock = await makeLock(folder);
    return { 'package-lock.json': lock, ...(await makeMigration(folder, tree)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The project with every feature, and the models of those that lack one which takes their place. */
function renderEverything(): Tree {
  const templates = { ...templatesFrom(path.join(root, 'templates')), once: {} };
  const offered = offeredIn(catalog).map(({ name }) => name);
  const renderWithout = (absent: string) => {
    const without = offered.filter((name) =>
      [name, ...requirementsOf(name, catalog)].includes(absent),
    );
    const features = offered.filter((name) => !without.includes(name));
    const answers = { ...withDefaults({ name: 'app' }), features, without };
    return render(answers, templates, { version: '0.0.0' });
  };
  const tree = renderWithout('');
  for (const absent of absences(templates)) addModels(tree, renderWithout(absent));
  return tree;
}

/** The features in the absence of which something is laid. */
function absences({ pairs }: Pick<Templates, 'pairs'>): string[] {
  const parts = [...pairs.keys()].flatMap((pair) => pair.split('+'));
  const absent = parts.filter((part) => part.startsWith('no-'));
  return [...new Set(absent)].toSorted().map((part) => part.slice('no-'.length));
}

/** Adds the models that another project has beside those of this one. */
function addModels(tree: Tree, other: Tree): void {
  for (const [file, entry] of other) {
    if (tree.has(file) || tablesOf(new Map([[file, entry]])).size === 0) continue;
    const schema = tree.get(schemaPath);
    if (schema === undefined) throw new Error(`There is no ${schemaPath}.`);
    const from = path.posix.relative(path.posix.dirname(schemaPath), file);
    tree.set(file, entry);
    tree.set(schemaPath, {
      ...schema,
      content: `${String(schema.content)}export * from '${from}';\n`,
    });
  }
}

/** Starts from the lock that is there, so that only what package.json asks for moves. */
async function makeLock(folder: string): Promise<string> {
  const before = textOf(path.join(once, 'package-lock.json'));
  const lock = path.join(folder, 'package-lock.json');
  if (before !== undefined) writeFileSync(lock, before);
  const args = ['--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'];
  await execa('npm', ['install', ...args, '--omit-lockfile-registry-resolved'], {
    cwd: folder,
    stderr: 'inherit',
    // npm chooses versions for the Node that it runs on.
    env: { PATH: [path.dirname(process.execPath), process.env['PATH']].join(path.delimiter) },
  });
  return readFileSync(lock, 'utf8');
}

/** Drizzle-kit can fail with exit code 0, so only its files say that it did its work. */
async function makeMigration(folder: string, tree: Tree): Promise<Record<string, string>> {
  const program = path.join(root, 'node_modules', 'drizzle-kit', 'bin.cjs');
  const { all } = await execa(process.execPath, [program, 'generate', '--name', 'initial'], {
    cwd: folder,
    all: true,
  });
  const migrations = path.join(folder, 'migrations');
  if (!existsSync(path.join(migrations, '0000_initial.sql'))) {
    throw new Error(`drizzle-kit wrote no migration:\n${all}`);
  }
  const { sql, snapshot, journal } = readMigration(migrations);
  refuseUnknownTables(snapshot, tablesOf(tree));
  return {
    'migrations/0000_initial.sql': sql,
    'migrations/meta/0000_snapshot.json': json({ ...snapshot, id: fixedId }),
    'migrations/meta/_journal.json': json({ ...journal, entries: atFixedTime(journal) }),
  };
}

/** The render finds a project's tables by reading its models: it must see what drizzle-kit sees. */
function refuseUnknownTables(snapshot: JsonObject, known: ReadonlySet<string>): void {
  const made = Object.keys(objectIn(snapshot, 'tables'));
  const unknown = made.filter((table) => !known.has(table));
  if (unknown.length === 0 && made.length === known.size) return;
  throw new Error(
    `drizzle-kit sees the tables ${made.join(', ')}; the models name ${[...known].join(', ')}. ` +
      "Is one missing in the schema barrel, or not written as mysqlTable('name', …)?",
  );
}

function atFixedTime(journal: JsonObject) {
  const { entries } = journal;
  if (!isList(entries)) throw new Error('The journal of drizzle-kit has no entries.');
  return entries.map((entry) => (isObject(entry) ? { ...entry, when: fixedTime } : entry));
}

function json(value: JsonObject): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
