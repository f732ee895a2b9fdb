// Builds the published program: everything it needs bundled into dist/, the templates packed.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { precompile } from '../src/templates/compile.ts';
import { readTemplates } from '../src/templates/read.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = path.join(root, 'dist');
const fresh = path.join(root, `dist.${process.pid}`);

mkdirSync(fresh);
try {
  await bundle(fresh);
  packTemplates(path.join(root, 'templates'), fresh);
  rmSync(dist, { recursive: true, force: true });
  renameSync(fresh, dist);
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

/** Split where the program imports lazily, so that a run reads only what it needs. */
async function bundle(outdir: string): Promise<void> {
  await build({
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
    legalComments: 'external',
    logLevel: 'warning',
    banner: {
      // What is bundled and not a module of its own asks for Node's modules by require.
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
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
