import { isObject, type JsonObject, objectIn } from './json.ts';

// A project's package-lock.json is the part of one tested lock that its package.json reaches, with
// the flags that npm itself would give (source: @npmcli/arborist, calc-dep-flags.js).

const flags = ['dev', 'optional', 'devOptional', 'peer'] as const;

type Flags = Record<(typeof flags)[number], boolean>;

interface Edge {
  readonly to: string;
  readonly dev: boolean;
  readonly optional: boolean;
  readonly peer: boolean;
}

/**
 * The lock of a project with this package.json.
 *
 * @param full the parsed package-lock.json (version 3) of the full set of features
 * @throws Error when the full lock lacks a package that the project needs
 */
export function lockFor(packageJson: JsonObject, full: JsonObject): string {
  const root = rootEntry(packageJson);
  const packages = new Map(Object.entries(objectIn(full, 'packages')));
  packages.set('', root);
  const reached = flagsOfReached(packages);

  const kept: Record<string, JsonObject> = { '': root };
  for (const [location, entry] of packages) {
    const found = reached.get(location);
    if (location !== '' && found !== undefined && isObject(entry)) {
      kept[location] = withFlags(entry, found);
    }
  }
  const head = { name: packageJson['name'], version: packageJson['version'] };
  return `${JSON.stringify({ ...full, ...head, packages: kept }, null, 2)}\n`;
}

/** Walks from the root until no flag can be taken away any more. */
function flagsOfReached(packages: ReadonlyMap<string, unknown>): Map<string, Flags> {
  const reached = new Map<string, Flags>([['', all(false)]]);
  const queue = [''];
  for (let from = queue.pop(); from !== undefined; from = queue.pop()) {
    const own = reached.get(from) ?? all(false);
    for (const edge of edgesFrom(from, packages)) {
      const before = reached.get(edge.to);
      if (before === undefined && edge.peer && edge.optional) continue;
      const after = lowered(before ?? all(true), own, edge);
      if (before !== undefined && flags.every((flag) => before[flag] === after[flag])) continue;
      reached.set(edge.to, after);
      queue.push(edge.to);
    }
  }
  return reached;
}

/** What is left of a package's flags when this edge leads to it. */
function lowered(to: Flags, from: Flags, edge: Edge): Flags {
  const plain = !from.dev && !from.optional && !edge.dev && !edge.optional;
  return {
    dev: to.dev && (from.dev || edge.dev),
    optional: to.optional && (from.optional || edge.optional),
    devOptional: to.devOptional && (from.devOptional || !plain),
    peer: to.peer && (from.peer || edge.peer),
  };
}

function edgesFrom(location: string, packages: ReadonlyMap<string, unknown>): Edge[] {
  const entry = packages.get(location);
  if (!isObject(entry)) return [];
  const peerMeta = objectIn(entry, 'peerDependenciesMeta');
  const edges = new Map<string, Edge>();
  const add = (name: string, kind: Omit<Edge, 'to'>) => {
    const to = find(name, location, packages);
    if (to !== undefined) edges.set(name, { to, ...kind });
    else if (!kind.optional) throw new Error(missing(name, location));
  };
  const kinds = { dev: false, optional: false, peer: false };
  for (const name of Object.keys(objectIn(entry, 'peerDependencies'))) {
    add(name, { ...kinds, peer: true, optional: objectIn(peerMeta, name)['optional'] === true });
  }
  for (const name of Object.keys(objectIn(entry, 'dependencies'))) add(name, kinds);
  for (const name of Object.keys(objectIn(entry, 'optionalDependencies'))) {
    add(name, { ...kinds, optional: true });
  }
  if (location === '') {
    for (const name of Object.keys(objectIn(entry, 'devDependencies'))) {
      if (!edges.has(name) || edges.get(name)?.peer === true) add(name, { ...kinds, dev: true });
    }
  }
  return [...edges.values()];
}

/** Where Node finds `name` from a package: in its own node_modules, else in those above it. */
function find(
  name: string,
  location: string,
  packages: ReadonlyMap<string, unknown>,
): string | undefined {
  for (let folder = location; ; folder = folder.slice(0, folder.lastIndexOf('node_modules/'))) {
    const base = folder === '' || folder.endsWith('/') ? folder : `${folder}/`;
    const candidate = `${base}node_modules/${name}`;
    if (packages.has(candidate)) return candidate;
    if (folder === '') return undefined;
  }
}

function withFlags(entry: JsonObject, found: Flags): JsonObject {
  const shown = {
    ...found,
    devOptional: found.devOptional && !found.dev && !found.optional,
  };
  const same = flags.every((flag) => shown[flag] === (entry[flag] === true));
  if (same && !('resolved' in entry)) return entry;
  const bare = Object.entries(entry).filter(([key]) => key !== 'resolved' && !isFlag(key));
  const set = flags.filter((flag) => shown[flag]).map((flag) => [flag, true] as const);
  return npmOrder([...bare, ...set]);
}

/** As npm writes an entry: plain values first, each kind by npm's own favourites, then by name. */
function npmOrder(entries: readonly (readonly [string, JsonObject[string]])[]): JsonObject {
  const favourites = ['name', 'version', 'resolved', 'integrity', 'dependencies'];
  const rank = ([key, value]: (typeof entries)[number]) => {
    const place = favourites.indexOf(key);
    return (
      (isObject(value) ? favourites.length + 1 : 0) + (place === -1 ? favourites.length : place)
    );
  };
  return Object.fromEntries(
    entries.toSorted((a, b) => rank(a) - rank(b) || (a[0] < b[0] ? -1 : Number(a[0] > b[0]))),
  );
}

/** What a lock says about the project itself. */
function rootEntry(packageJson: JsonObject): JsonObject {
  const keys = [
    'name',
    'version',
    'license',
    'bin',
    'engines',
    'dependencies',
    'devDependencies',
    'optionalDependencies',
    'peerDependencies',
  ];
  const own = keys.filter((key) => key in packageJson);
  return npmOrder(own.map((key) => [key, packageJson[key]]));
}

function isFlag(key: string): boolean {
  return flags.some((flag) => flag === key);
}

function all(value: boolean): Flags {
  return { dev: value, optional: value, devOptional: value, peer: value };
}

function missing(name: string, location: string): string {
  const who = location === '' ? 'package.json' : location;
  return `The full lock lacks ${name}, which ${who} needs: run node scripts/refresh.ts.`;
}
