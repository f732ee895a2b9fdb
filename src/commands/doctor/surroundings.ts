import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import satisfies from 'semver/functions/satisfies.js';
import minVersion from 'semver/ranges/min-version.js';
import validRange from 'semver/ranges/valid.js';
import { jsonObject } from '../../project/drizzle-files.ts';
import { objectIn } from '../../render/json.ts';
import type { Check, Finding } from './finding.ts';
import { editing, restoring } from './mends.ts';

/** Whether this Node is one that the project asks for. */
export const nodeVersion: Check = ({ folder }) => {
  const wanted = objectIn(packageJson(folder), 'engines')['node'];
  if (typeof wanted !== 'string') return [];
  const least = validRange(wanted) === null ? null : minVersion(wanted);
  if (least === null) {
    const message = `package.json asks for the Node "${wanted}", which names no versions.`;
    return [{ check: 'node', severity: 'error', message, mend: editing('package.json') }];
  }
  if (satisfies(process.versions.node, wanted)) return [];
  const message = `This is Node ${process.versions.node}, and package.json asks for ${wanted}.`;
  return [{ check: 'node', severity: 'error', message, mend: `nvm install ${least.major}` }];
};

/** Whether package.json can be read: without it nothing of the project runs. */
export const packageFile: Check = (patient) => {
  if (jsonObject(textOf(patient.folder, 'package.json') ?? '') !== undefined) return [];
  const message = 'There is no package.json that can be read.';
  const mend = restoring(patient, 'package.json');
  return [{ check: 'packages', severity: 'error', message, mend, files: ['package.json'] }];
};

/** Whether package.json, the lockfile and what is installed agree. */
export const packages: Check = ({ folder, manifest }) => {
  const install = `${manifest.answers.packageManager} install`;
  const finding = (message: string): Finding[] => [
    { check: 'packages', severity: 'error', message, mend: install },
  ];
  const wanted = dependenciesOf(packageJson(folder));
  const { file, read } = lockfiles[manifest.answers.packageManager];
  const locked = read(textOf(folder, file) ?? '');
  if (locked === undefined) return finding(`There is no ${file} that can be read.`);
  const odd = differing(wanted, locked);
  if (odd.length > 0) {
    return finding(`${file} is not in step with package.json (${odd.join(', ')}).`);
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

/** What each package manager keeps, and the versions that it names for package.json's wishes. */
const lockfiles = {
  npm: {
    file: 'package-lock.json',
    read: (text: string) => {
      const lock = jsonObject(text);
      return lock && dependenciesOf(objectIn(objectIn(lock, 'packages'), ''));
    },
  },
  pnpm: { file: 'pnpm-lock.yaml', read: wishesInPnpmLock },
};

/** The project's own part of a pnpm-lock.yaml, which pnpm lays out in one way only. */
function wishesInPnpmLock(text: string): Map<string, string> | undefined {
  const own = /^importers:\n\n? {2}\.:\n((?: {4}.*\n|\n)*)/m.exec(text)?.[1];
  if (own === undefined) return undefined;
  const wish = /^ {6}'?([^':\n]+)'?:\n {8}specifier: '?([^'\n]+)'?$/gm;
  return new Map([...own.matchAll(wish)].map(([, name = '', version = '']) => [name, version]));
}

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
