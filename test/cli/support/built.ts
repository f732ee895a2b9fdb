import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { root } from '../../../scripts/lib/root.ts';

const sources = ['bin/**', 'src/**', 'templates/**', 'scripts/build.ts', 'package.json'];
const published = ['bin', 'package.json', 'README.md', 'CHANGELOG.md', 'LICENSE'];

let built: string | undefined;

/**
 * The package as it is published, built from what stands here: a folder with bin/ and dist/. Its
 * place is named by the content of the sources, so no test ever runs an older build, and test
 * files that run at once do not disturb each other; within a test file it stays the same.
 */
export function builtPackage(): string {
  built ??= build();
  return built;
}

function build(): string {
  const folder = join(root, '.cache', `package-${fingerprint()}`);
  if (existsSync(folder)) return folder;
  removeOld();
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  const script = join(root, 'scripts', 'build.ts');
  execaSync(process.execPath, [script, '--out', join(fresh, 'dist')], { cwd: root });
  for (const entry of published.filter((name) => existsSync(join(root, name)))) {
    cpSync(join(root, entry), join(fresh, entry), { recursive: true });
  }
  if (existsSync(folder)) rmSync(fresh, { recursive: true });
  else renameSync(fresh, folder);
  return folder;
}

/** Other builds of yesterday and before. */
function removeOld(): void {
  for (const old of globSync('package-*', { cwd: join(root, '.cache') })) {
    const folder = join(root, '.cache', old);
    const age = Date.now() - statSync(folder).mtimeMs;
    if (age > 86_400_000) rmSync(folder, { recursive: true, force: true });
  }
}

function fingerprint(): string {
  const hash = createHash('sha256');
  const exclude = ['**/node_modules/**'];
  const files = globSync(sources, { cwd: root, exclude, withFileTypes: true });
  for (const file of files
    .filter((entry) => entry.isFile())
    .map(pathOf)
    .toSorted()) {
    hash.update(`${file}\0`).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}

function pathOf(entry: { parentPath: string; name: string }): string {
  return join(entry.parentPath, entry.name);
}
