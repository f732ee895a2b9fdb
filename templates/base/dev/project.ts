// This project as its development commands see it: its folder, its environment, its servers.
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { readIfThere } from './local/files.ts';
import type { ServerKind } from './local/kind.ts';
import { privateServer } from './local/server.ts';
import { find, use } from './local/service.ts';
import type { Service, Use } from './local/service.ts';
import { servers } from './servers.ts';

export const projectFolder = join(import.meta.dirname, '..');

export type ServerName = keyof typeof servers;

const kinds = Object.entries(servers) as [ServerName, ServerKind][];

/** The environment with what `.env` adds to it; variables that are set already win. */
export function readEnvironment(): NodeJS.ProcessEnv {
  const text = readIfThere(join(projectFolder, '.env'));
  return { ...(text === undefined ? {} : parseEnv(text)), ...process.env };
}

/** The private database of this project. */
export const privateDatabase = (): Service => privateServer(servers.database, projectFolder);

export interface OpenServers {
  readonly urls: Readonly<Record<ServerName, string>>;
  /** Ends the use of those that are private; one that nobody else uses is stopped. */
  leave: () => Promise<void>;
}

/**
 * Opens the servers that a command works on: those that variables name, else private ones, which
 * are started where they do not run and stopped when their last user leaves.
 *
 * @param variableOf the variable that names a server of that kind
 * @param signal gives up a start
 */
export async function openServers(
  variableOf: (kind: ServerKind) => string,
  signal?: AbortSignal,
): Promise<OpenServers> {
  const environment = readEnvironment();
  const uses: Use[] = [];
  const leave = async (): Promise<void> => {
    await Promise.all(uses.map((one) => one.leave()));
  };
  const open = async (kind: ServerKind): Promise<string> => {
    const given = environment[variableOf(kind)];
    if (given) return given;
    const opened = await use(privateServer(kind, projectFolder), {
      command: commandName(),
      signal,
    });
    uses.push(opened);
    return opened.url;
  };
  try {
    const urls: [ServerName, string][] = [];
    for (const [name, kind] of kinds) urls.push([name, await open(kind)]);
    return { urls: Object.fromEntries(urls) as OpenServers['urls'], leave };
  } catch (error) {
    await leave();
    throw error;
  }
}

/** The variables that tell the app of these servers, but for those that are its owner's to say. */
export function variablesFor(
  urls: OpenServers['urls'],
  environment: NodeJS.ProcessEnv,
): Record<string, string> {
  const untold = kinds.filter(([, { variables }]) => !environment[variables[0]]);
  const told = untold.flatMap(([name, { variables }]) => variables.map((one) => [one, urls[name]]));
  return Object.fromEntries(told) as Record<string, string>;
}

/** The URL of the private database, where it runs. */
export const runningDatabase = (): Promise<string | undefined> => find(privateDatabase());

/** What a person typed to get here: package managers tell it to the scripts that they run. */
function commandName(): string {
  const script = process.env['npm_lifecycle_event'];
  return script ? `npm run ${script}` : process.argv.slice(1).join(' ');
}
