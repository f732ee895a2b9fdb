// Builds the published program into dist/ (or --out <folder>): everything it needs in a few files,
// the templates packed.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build, type Plugin } from 'esbuild';
import { precompile } from '../src/templates/compile.ts';
import { readTemplates } from '../src/templates/read.ts';

/**
 * Commander loads node:child_process, a tenth of a short run, for subcommands that are programs of
 * their own. There are none here.
 */
const withoutSubprocesses: Plugin = {
  name: 'without-subprocesses',
  setup(builder) {
    builder.onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes('commander') ? { path: 'child_process', namespace: 'none' } : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'export default {};' }));
  },
};

const root = fileURLToPath(new URL('..', import.meta.url));
const { out } = parseArgs({ options: { out: { type: 'string', default: 'dist' } } }).values;
const dist = path.resolve(root, out);
const fresh = path.join(root, '.cache', `build-${process.pid}`);

mkdirSync(fresh, { recursive: true });
try {
  writeLicenses(await bundle(fresh), fresh);
  packTemplates(path.join(root, 'templates'), fresh);
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(path.dirname(dist), { recursive: true });
  renameSync(fresh, dist);
} finally {
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
    target: 'node24.11',
    minify: true,
    chunkNames: '[name]-[hash]',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    plugins: [withoutSubprocesses],
    banner: {
      // What is bundled and not a module of its own asks for Node's modules by require.
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
  return Object.keys(metafile.inputs);
}

/** What is bundled keeps its license. */
function writeLicenses(inputs: readonly string[], outdir: string): void {
  const packages = inputs.flatMap((file) => {
    const found = /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file);
    return found === null ? [] : [found[0]];
  });
  const texts = [...new Set(packages)].toSorted().map((folder) => {
    const name = folder.slice('node_modules/'.length);
    const file = readdirSync(path.join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} is bundled and has no license file.`);
    return `${name}\n\n${readFileSync(path.join(root, folder, file), 'utf8').trim()}\n`;
  });
  writeFileSync(path.join(outdir, 'LICENSES.txt'), texts.join('\n---\n\n'));
}

/** Plain files as data; Handlebars templates as functions, so that no run compiles them. */
function packTemplates(templates: string, outdir: string): void {
  const { packed, sources } = readTemplates(templates);
  writeFileSync(path.join(outdir, 'templates.json'), JSON.stringify(packed));
  const compiled = [...sources].map(
    ([key, source]) => `${JSON.stringify(key)}: ${precompile(source)}`,
  );
  writeFileSync(
    path.join(outdir, 'templates.js'),
    `export default {\n${compiled.join(',\n')}\n};\n`,
  );
}
