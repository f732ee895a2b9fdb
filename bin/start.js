// What an old Node must be able to read, so that it can say that it is too old.
import fs from 'node:fs';
import module from 'node:module';

/** @param {'create-shipkit' | 'shipkit'} name */
export async function start(name) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 24 || (major === 24 && minor < 11)) {
    return refuse(`${name} needs Node 24.11 or later, and this is Node ${process.versions.node}.`);
  }
  const program = new URL('../dist/main.js', import.meta.url);
  if (!fs.existsSync(program)) {
    return refuse(`${name} is not built yet: run npm run build in its folder.`);
  }
  module.enableCompileCache();
  const { main } = await import(program.href);
  await main(name, process.argv.slice(2));
}

/** @param {string} sentence */
function refuse(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 3;
}
