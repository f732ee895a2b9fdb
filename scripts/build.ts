// Builds the published program into dist/ (or --out <folder>): everything it needs in a few files,
// the templates packed. With --draft it spends less on that: for whoever throws it away again.
import { hash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { brotliCompressSync, constants } from 'node:zlib';
import { build, type Plugin } from 'rolldown';
import { minifySync } from 'rolldown/utils';
import { schema } from '../src/commands/schema.ts';
import { archive } from '../src/templates/archive.ts';
import { precompile } from '../src/templates/compile.ts';
import { readTemplates } from '../src/templates/read.ts';

/**
 * Takes the modules of Node in a way that loads of them what is used and no more: an `import` reads
 * every export, and some of them load another part of Node, a fifth of a short run in all. Whoever
 * requires one gets it as it is. Commander alone imports node:child_process, for subcommands that
 * are programs of their own, and there are none here.
 */
const builtins: Plugin = {
  name: 'builtins',
  resolveId(name, importer, { kind }) {
    // What begins like this is the bundler's own, or ours.
    if (importer === undefined || importer.startsWith('\0') || !isBuiltin(name)) return null;
    // One for each importer, so that none is shared: a file more costs more than a few lines.
    return kind === 'require-call' ? `\0required ${name}` : `\0imported ${name} in ${importer}`;
  },
  load(id) {
    const parts = /^\0(required|imported) (\S+)(?: in (.*))?$/.exec(id);
    if (parts === null) return null;
    const [, how, name = '', importer = ''] = parts;
    if (how === 'required') return `module.exports = process.getBuiltinModule('${name}');`;
    const isUnused = name.endsWith('child_process') && importer.includes('commander');
    return isUnused ? 'export default undefined;' : exportsFor(name, importer);
  },
};

/** The exports of a module of Node that a file imports by name, or names in all that it imports. */
function exportsFor(name: string, importer: string): string {
  const source = readFileSync(importer, 'utf8');
  const imports = source.matchAll(/(?:^|[;\n])\s*import\b([^'";]*)\bfrom\s*['"]([^'"]+)['"]/g);
  const clauses = [...imports].filter((found) => found[2] === name).map((found) => found[1] ?? '');
  const wanted = clauses.flatMap((clause) => [...listed(clause), ...usedOf(clause, source)]);
  const lines = [...new Set(wanted)].map((item) => `export const ${item} = whole.${item};`);
  return [
    `const whole = process.getBuiltinModule('${name}');`,
    'export default whole;',
    ...lines,
  ].join('\n');
}

/** What `{ a, b as c }` names: a and b. */
function listed(clause: string): string[] {
  return (/\{([^}]*)\}/.exec(clause)?.[1]?.split(',') ?? [])
    .map((item) => item.trim().split(/\s+as\s+/)[0] ?? '')
    .filter((item) => item !== '' && !item.startsWith('type '));
}

/** What is used of `* as all`. */
function usedOf(clause: string, source: string): string[] {
  const all = /\*\s*as\s+([\w$]+)/.exec(clause)?.[1];
  if (all === undefined) return [];
  const name = all.replaceAll('$', String.raw`\$&`);
  const uses = source.matchAll(new RegExp(String.raw`(?<![\w$.])${name}\.([\w$]+)`, 'g'));
  return [...uses].map((found) => found[1] ?? '');
}

/** The schema of a config file as it comes out: what makes it is much, and nobody needs that again. */
const madeSchema: Plugin = {
  name: 'made-schema',
  load(id) {
    if (path.relative(root, id) !== path.join('src', 'commands', 'schema.ts')) return null;
    return `export const schema = () => (${JSON.stringify(schema())});`;
  },
};

const root = fileURLToPath(new URL('..', import.meta.url));
const { out, draft } = parseArgs({
  options: { out: { type: 'string', default: 'dist' }, draft: { type: 'boolean', default: false } },
}).values;
const dist = path.resolve(root, out);
const fresh = path.join(root, '.cache', `build-${process.pid}`);
const before = path.join(root, '.cache', `built-before-${process.pid}`);

mkdirSync(fresh, { recursive: true });
try {
  writeLicenses(await bundle(fresh), fresh);
  packTemplates(path.join(root, 'templates'), fresh);
  mkdirSync(path.dirname(dist), { recursive: true });
  // Aside first: whoever runs the program now finds the one or the other.
  if (existsSync(dist)) renameSync(dist, before);
  renameSync(fresh, dist);
} finally {
  rmSync(before, { recursive: true, force: true });
  rmSync(fresh, { recursive: true, force: true });
}

/**
 * In few files, so that a run reads only what it needs, and little more than that: what every run
 * needs, what makes a project, what other commands share, and what each of those has for itself.
 *
 * @returns the files that went in
 */
async function bundle(dir: string): Promise<string[]> {
  const { output } = await build({
    cwd: root,
    input: { main: 'src/cli/main.ts' },
    platform: 'node',
    // What has both is taken as modules: jsonc-parser's other form cannot be bundled.
    resolve: { mainFields: ['module', 'main'] },
    transform: { target: 'node24.11' },
    plugins: [builtins, madeSchema],
    // Else the first file would be one more, which only hands on another.
    preserveEntrySignatures: 'allow-extension',
    output: {
      dir,
      format: 'esm',
      minify: true,
      comments: false,
      polyfillRequire: false,
      chunkFileNames: '[name]-[hash].js',
      codeSplitting: {
        groups: [
          { name: 'main', test: /src[\\/]cli[\\/]main\.ts$|rolldown\/runtime/ },
          { name: 'unpack', test: /src[\\/]templates[\\/]unpack\.ts$/ },
          { name: 'create', test: /src[\\/]cli[\\/]run-create\.ts$/ },
          { name: 'shared', minShareCount: 2 },
        ],
      },
    },
  });
  return output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
}

/** What is bundled keeps its license: each text once, after the names of those that have it. */
function writeLicenses(inputs: readonly string[], outdir: string): void {
  const packages = inputs.flatMap((file) => {
    const found = /^.*node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file);
    return found === null || file.startsWith('\0') ? [] : [found[0]];
  });
  if (packages.length === 0) throw new Error('Nothing of node_modules was bundled.');
  const byText = Map.groupBy([...new Set(packages)].toSorted(), licenseOf);
  const texts = [...byText].map(([text, folders]) => {
    const names = folders.map((folder) => folder.split(/node_modules[\\/]/).at(-1));
    return `${names.join('\n')}\n\n${text}\n`;
  });
  writeFileSync(path.join(outdir, 'LICENSES.txt'), texts.join('\n---\n\n'));
}

function licenseOf(folder: string): string {
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${folder} is bundled and has no license file.`);
  return readFileSync(path.join(folder, file), 'utf8').trim();
}

/** Everything in one file, a quarter smaller than what npm makes of it; no run compiles a template. */
function packTemplates(templates: string, outdir: string): void {
  const { packed, sources } = readTemplates(templates);
  const bytes = archive({ packed, compiled: minified(precompile(sources)) });
  writeFileSync(path.join(outdir, 'templates.br'), draft ? compressed(bytes, 5) : best(bytes));
}

/** It takes seconds, so it is kept for the next build of the same templates. */
function best(bytes: Uint8Array): Uint8Array {
  const kept = path.join(root, '.cache', `templates-${hash('sha256', bytes)}.br`);
  if (existsSync(kept)) return readFileSync(kept);
  for (const old of globSync('templates-*.br', { cwd: path.dirname(kept) })) {
    rmSync(path.join(path.dirname(kept), old), { force: true });
  }
  const result = compressed(bytes, constants.BROTLI_MAX_QUALITY);
  writeFileSync(`${kept}.${process.pid}`, result);
  renameSync(`${kept}.${process.pid}`, kept);
  return result;
}

function compressed(bytes: Uint8Array, quality: number): Uint8Array {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } });
}

/** An expression in fewer characters. It is given to something: nobody's would be left out whole. */
function minified(expression: string): string {
  const { code } = minifySync('templates.js', `given = ${expression}`);
  return `(${code
    .trim()
    .replace(/^given=/, '')
    .replace(/;$/, '')})`;
}
