import { commandNames } from './commands.ts';

export const nameLimit = 24;

const taken: ReadonlyMap<string, string> = new Map([
  ...commandNames.map((name) => [name, 'it is a command of shipkit'] as const),
  ...words('con nul aux prn').map((name) => [name, 'Windows keeps it for a device'] as const),
  ...digits().map((name) => [name, 'Windows keeps it for a device'] as const),
  ...words('shipkit create-shipkit').map((name) => [name, 'npx would not know which'] as const),
  ...words(
    'assert buffer cluster console constants crypto dgram dns domain events fs http http2 https ' +
      'inspector module net os path perf process punycode querystring quic readline repl sea ' +
      'sqlite stream sys test timers tls trace ts tty url util v8 vm wasi worker zlib',
  ).map((name) => [name, 'it is a module of Node'] as const),
]);

/**
 * Why `name` cannot be a project's name, as the rest of a sentence that starts with the name;
 * undefined when it can. The name becomes a folder, an npm package and part of a schema's name,
 * so the rule is the narrowest of the three.
 */
export function refuseName(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (/[/\\]/.test(name) || name === '.' || name === '..') {
    return 'is a path, not a name: letters, digits and hyphens only';
  }
  if (!/^[a-z]/.test(name)) return `does not start with a lower-case letter${instead(name)}`;
  if (/[^a-z0-9-]/.test(name)) {
    return `has characters other than lower-case letters, digits and hyphens${instead(name)}`;
  }
  if (name.length > nameLimit) return `has ${name.length} characters, at most ${nameLimit} fit`;
  if (name.endsWith('-')) return `ends with a hyphen${instead(name)}`;
  if (name.includes('--')) return `has two hyphens in a row${instead(name)}`;
  const reason = taken.get(name);
  return reason === undefined ? undefined : `is reserved: ${reason}`;
}

/** The project's name as a title: `my-app` is `My App`. */
export function titleOf(name: string): string {
  return name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}

function instead(name: string): string {
  const better = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, nameLimit)
    .replace(/-+$/, '');
  return better === '' || refuseName(better) !== undefined ? '' : `; try ${better}`;
}

function words(list: string): string[] {
  return list.split(' ');
}

function digits(): string[] {
  return ['com', 'lpt'].flatMap((port) => words('1 2 3 4 5 6 7 8 9').map((digit) => port + digit));
}
