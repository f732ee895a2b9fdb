// node dev/with-database.ts <script> [arguments]: runs a script with a database to work on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { runCommand } from './command.ts';
import { openDatabase, readEnvironment } from './project.ts';

await runCommand(async (ending) => {
  const env = readEnvironment();
  // Help is shown without a database.
  const help = process.argv.some((argument) => argument === '--help' || argument === '-h');
  if (help || env['DATABASE_URL'] || env['MIGRATION_DATABASE_URL']) return runScript({}, ending);
  if (env['NODE_ENV'] === 'production') {
    throw new Error('DATABASE_URL is not set, and in production no private database is started.');
  }
  const { url, leave } = await openDatabase('DATABASE_URL', ending);
  try {
    const { NODE_ENV = 'development' } = env;
    return await runScript({ NODE_ENV, DATABASE_URL: url }, ending);
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
