import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { jsonObject } from '../../project/drizzle-files.ts';
import { objectIn } from '../../render/json.ts';
import type { Check, Finding } from './finding.ts';
import { restoring } from './mends.ts';

/** Whether this Node is one that the project asks for. */
export const nodeVersion: Check = ({ folder }) => {
  const wanted = objectIn(packageJson(folder), 'engines')['node'];
  if (typeof wanted !== 'string') return [];
  const minimum = /^>=\s*(\d+)(?:\.(\d+))?/.exec(wanted);
  if (minimum === null) return [];
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [needMajor, needMinor] = [Number(minimum[1]), Number(minimum[2] ?? 0)];
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return [];
  const message = `This is Node ${process.versions.node}, and package.json asks for ${wanted}.`;
  return [{ check: 'node', severity: 'error', message, mend: `nvm install ${needMajor}` }];
};

/** Whether package.json can be read: without it nothing of the project runs. */
export const packageFile: Check = ({ folder }) => {
  if (jsonObject(textOf(folder, 'package.json') ?? '') !== undefined) return [];
  const message = 'There is no package.json that can be read.';
  const mend = restoring(folder, 'package.json');
  return [{ check: 'packages', severity: 'error', message, mend, files: ['package.json'] }];
};

/** Whether package.json, the lockfile and what is installed agree. */
export const packages: Check = ({ folder, manifest }) => {
  const install = `${manifest.answers.packageManager} install`;
  const finding = (message: string): Finding[] => [
    { check: 'packages', severity: 'error', message, mend: install },
  ];
  const wanted = dependenciesOf(packageJson(folder));
  if (manifest.answers.packageManager === 'npm') {
    const lock = jsonObject(textOf(folder, 'package-lock.json') ?? '');
    if (lock === undefined) return finding('There is no package-lock.json that npm can read.');
    const locked = dependenciesOf(objectIn(objectIn(lock, 'packages'), ''));
    const odd = differing(wanted, locked);
    if (odd.length > 0) {
      return finding(`package-lock.json is not in step with package.json (${odd.join(', ')}).`);
    }
  }
  if (!existsSync(path.join(folder, 'node_modules'))) {
    return finding('The packages are not installed.');
  }
  const missing = [...wanted.keys()].filter(
    (name) => !existsSync(path.join(folder, 'node_modules', name, 'package.json')),
  );
  if (missing.length > 0) return finding(`Packages are not installed: ${missing.join(', ')}.`);
  const old = [...wanted].filter(([name, version]) => {
    const installed = jsonObject(textOf(folder, `node_modules/${name}/package.json`) ?? '');
    return /^\d/.test(version) && installed?.['version'] !== version;
  });
  if (old.length === 0) return [];
  return finding(
    `Packages are installed in other versions: ${old.map(([name]) => name).join(', ')}.`,
  );
};

function packageJson(folder: string) {
  return jsonObject(textOf(folder, 'package.json') ?? '') ?? {};
}

function textOf(folder: string, file: string): string | undefined {
  const full = path.join(folder, file);
  return existsSync(full) ? readFileSync(full, 'utf8') : undefined;
}

function dependenciesOf(file: Parameters<typeof objectIn>[0]): Map<string, string> {
  const kinds = ['dependencies', 'devDependencies'].map((kind) => objectIn(file, kind));
  return new Map(
    kinds.flatMap((kind) =>
      Object.entries(kind).map(([name, version]) => [
        name,
        typeof version === 'string' ? version : '',
      ]),
    ),
  );
}

function differing(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): string[] {
  const names = new Set([...a.keys(), ...b.keys()]);
  return [...names].filter((name) => a.get(name) !== b.get(name));
}
