// What an old Node must be able to read, so that it can say that it is too old.

/** @param {'create-shipkit' | 'shipkit'} name */
export async function start(name) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 24 || (major === 24 && minor < 11)) {
    refuse(`${name} needs Node 24.11 or later, and this is Node ${process.versions.node}.`);
    return;
  }
  // An import of Node's modules would read each of their exports, and load more than is used.
  process.getBuiltinModule('node:module').enableCompileCache();
  const program = new URL('../dist/main.js', import.meta.url);
  if (!process.getBuiltinModule('node:fs').existsSync(program)) {
    refuse(`${name} is not built yet: run npm run build in its folder.`);
    return;
  }
  /** @type {unknown} */
  const built = await import(program.href);
  // Type-checked without a build, the built program is known by its source.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { main } = /** @type {typeof import('../src/cli/main.ts')} */ (built);
  await main(name, process.argv.slice(2));
}

/** @param {string} sentence */
function refuse(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 3;
}
