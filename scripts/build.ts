// Builds the published program into dist/ (or --out <folder>): everything it needs in a few files,
// the templates packed.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { brotliCompressSync } from 'node:zlib';
import { build, type Plugin, transformSync } from 'esbuild';
import { precompile } from '../src/templates/compile.ts';
import { withWords } from '../src/templates/packed.ts';
import { readTemplates } from '../src/templates/read.ts';

/**
 * Takes the modules of Node in a way that loads of them what is used and no more: an `import` reads
 * every export, and some of them load another part of Node, a fifth of a short run in all. Whoever
 * requires one gets it as it is. Commander alone imports node:child_process, for subcommands that
 * are programs of their own, and there are none here.
 */
const builtins: Plugin = {
  name: 'builtins',
  setup(builder) {
    const names = builtinModules.map((name) => name.replace('node:', '').replaceAll('/', '\\/'));
    const filter = new RegExp(`^(node:)?(${names.join('|')})$`);
    builder.onResolve({ filter }, ({ path: name, importer, kind }) => {
      if (kind === 'require-call') return { path: name, namespace: 'required' };
      // One for each importer, so that none is shared: a file more costs more than a few lines.
      const pluginData = { name, importer };
      return { path: `${name} in ${importer}`, namespace: 'imported', pluginData };
    });
    builder.onLoad({ filter: /.*/, namespace: 'required' }, ({ path: name }) => ({
      contents: `module.exports = process.getBuiltinModule('${name}');`,
    }));
    builder.onLoad({ filter: /.*/, namespace: 'imported' }, ({ pluginData }) => {
      const { name, importer } = pluginData as { name: string; importer: string };
      const unused = name.endsWith('child_process') && importer.includes('commander');
      return { contents: unused ? 'export default undefined;' : exportsFor(name, importer) };
    });
  },
};

/** The exports of a module of Node that a file imports by name. */
function exportsFor(name: string, importer: string): string {
  const source = readFileSync(importer, 'utf8');
  const imports = source.matchAll(/(?:^|[;\n])\s*import\b([^'";]*)\bfrom\s*['"]([^'"]+)['"]/g);
  const clauses = [...imports].filter((found) => found[2] === name).map((found) => found[1] ?? '');
  const lists = clauses.flatMap((clause) => /\{([^}]*)\}/.exec(clause)?.[1]?.split(',') ?? []);
  const wanted = lists
    .map((item) => item.trim().split(/\s+as\s+/)[0] ?? '')
    .filter((item) => item !== '' && !item.startsWith('type '));
  const lines = [...new Set(wanted)].map((item) => `export const ${item} = whole.${item};`);
  return [
    `const whole = process.getBuiltinModule('${name}');`,
    'export default whole;',
    ...lines,
  ].join('\n');
}

const root = fileURLToPath(new URL('..', import.meta.url));
const { out } = parseArgs({ options: { out: { type: 'string', default: 'dist' } } }).values;
const dist = path.resolve(root, out);
const fresh = path.join(root, '.cache', `build-${process.pid}`);
const before = path.join(root, '.cache', `built-before-${process.pid}`);

mkdirSync(fresh, { recursive: true });
try {
  writeLicenses(await bundle(fresh), fresh);
  packTemplates(path.join(root, 'templates'), fresh);
  copyFileSync(path.join(root, 'CHANGELOG.md'), path.join(fresh, 'CHANGELOG.md'));
  mkdirSync(path.dirname(dist), { recursive: true });
  // Aside first: whoever runs the program now finds the one or the other.
  if (existsSync(dist)) renameSync(dist, before);
  renameSync(fresh, dist);
} finally {
  rmSync(before, { recursive: true, force: true });
  rmSync(fresh, { recursive: true, force: true });
}

/**
 * Split where the program imports lazily, so that a run reads only what it needs.
 *
 * @returns the files that went in
 */
async function bundle(outdir: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { main: 'src/cli/main.ts' },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    // What has both is taken as modules: jsonc-parser's other form cannot be bundled.
    mainFields: ['module', 'main'],
    target: 'node24.11',
    minify: true,
    chunkNames: '[name]-[hash]',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    plugins: [builtins],
  });
  return Object.keys(metafile.inputs);
}

/** What is bundled keeps its license. */
function writeLicenses(inputs: readonly string[], outdir: string): void {
  const packages = inputs.flatMap((file) => {
    const found = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file);
    return found === null || file.startsWith('imported:') ? [] : [path.resolve(root, found[0])];
  });
  if (packages.length === 0) throw new Error('Nothing of node_modules was bundled.');
  const texts = [...new Set(packages)].toSorted().map((folder) => {
    const name = folder.split(/node_modules[\\/]/).at(-1) ?? '';
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} is bundled and has no license file.`);
    return `${name}\n\n${readFileSync(path.join(folder, file), 'utf8').trim()}\n`;
  });
  writeFileSync(path.join(outdir, 'LICENSES.txt'), texts.join('\n---\n\n'));
}

/** Everything in one file, a quarter smaller than what npm makes of it; no run compiles a template. */
function packTemplates(templates: string, outdir: string): void {
  const { packed, sources } = readTemplates(templates);
  const compiled = Object.fromEntries(
    [...sources].map(([key, source]) => [key, minified(precompile(source))]),
  );
  const data = JSON.stringify({ ...packed, base: withWords(packed.base), compiled });
  writeFileSync(path.join(outdir, 'templates.json.br'), brotliCompressSync(data));
}

/** An expression in fewer characters. It is given to something: nobody's would be left out whole. */
function minified(expression: string): string {
  const { code } = transformSync(`given = ${expression}`, { minify: true });
  return `(${code
    .trim()
    .replace(/^given=/, '')
    .replace(/;$/, '')})`;
}
