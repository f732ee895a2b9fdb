// node dev/with-database.ts <script> [arguments]: runs a script with a database to work on, and with
// the other servers that the app needs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { runCommand } from './command.ts';
import { openServers, readEnvironment, variablesFor } from './project.ts';
import { servers } from './servers.ts';

await runCommand(async (ending) => {
  const environment = readEnvironment();
  const { NODE_ENV = 'development' } = environment;
  // Help is shown without a database.
  const help = process.argv.some((argument) => argument === '--help' || argument === '-h');
  const isSet = (variable: string): boolean => Boolean(environment[variable]);
  const given = servers.database.variables.some(isSet);
  // A database that is given may be production's, whatever is not said: nothing is added to it then.
  if (help || (given && environment['NODE_ENV'] !== 'development')) return runScript({}, ending);
  if (NODE_ENV === 'production') {
    throw new Error('DATABASE_URL is not set, and in production no private database is started.');
  }
  const { urls, leave } = await openServers(
    ({ variables }) => variables.find(isSet) ?? variables[0],
    ending,
  );
  try {
    return await runScript({ NODE_ENV, ...variablesFor(urls, environment) }, ending);
  } finally {
    await leave();
  }
});

async function runScript(extra: NodeJS.ProcessEnv, ending: AbortSignal): Promise<number> {
  const child = spawn(process.execPath, process.argv.slice(2), {
    stdio: 'inherit',
    env: { ...process.env, ...extra },
  });
  ending.addEventListener('abort', () => child.kill('SIGTERM'));
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + constants.signals[signal ?? 'SIGTERM'];
}
