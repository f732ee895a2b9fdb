import { existsSync } from 'node:fs';
import process from 'node:process';
import { execaSync } from 'execa';

const system = '/usr/bin/node';

/** The system's own Node, where it is too old for what is made here. */
export const oldNode = existsSync(system) && isOld(system) ? system : undefined;

/** This Node with the options that make it say that it is another version. */
export function nodeOf(version: string): [string, ...string[]] {
  const pretend = `Object.defineProperty(process.versions,'node',{value:'${version}'})`;
  return [process.execPath, '--import', `data:text/javascript,${encodeURIComponent(pretend)}`];
}

function isOld(node: string): boolean {
  return /^v(?:1\d|2[0-3])\./.test(execaSync(node, ['--version']).stdout);
}
