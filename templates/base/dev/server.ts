// npm run dev: the app on its private servers, started again at every change.
import { sep } from 'node:path';
import { applyMigrations, startApp } from './app.ts';
import type { App } from './app.ts';
import { runCommand } from './command.ts';
import { startCompanions } from './companion.ts';
import type { Companion } from './companion.ts';
import { isFree, nextPort } from './local/ports.ts';
import { say } from './local/progress.ts';
import { openServers, projectFolder, readEnvironment, variablesFor } from './project.ts';
import type { OpenServers } from './project.ts';
import { watchFiles } from './watch.ts';
import type { Changes } from './watch.ts';

/** Milliseconds that the app may take to finish its requests before it is started again. */
const restartGrace = 5000;

const never = new Promise<never>(() => undefined);

await runCommand(async (ending, forced) => {
  const { urls, leave } = await openServers(({ variables: [variable] }) => variable, ending);
  const changes = watchFiles(projectFolder, ['src', 'migrations'], ['.env']);
  ending.addEventListener('abort', changes.close);
  try {
    return await serveBeside(urls, changes, ending, forced);
  } finally {
    changes.close();
    await leave();
  }
});

async function serveBeside(
  urls: OpenServers['urls'],
  changes: Changes,
  ending: AbortSignal,
  forced: AbortSignal,
): Promise<number> {
  const place: Place = { address: undefined };
  const companions = await startCompanions(() => localOrigin(place.address));
  try {
    return await serve({ urls, changes, place, companions }, ending, forced);
  } finally {
    await companions.close();
  }
}

interface Surroundings {
  urls: OpenServers['urls'];
  changes: Changes;
  place: Place;
  companions: Companion;
}

async function serve(
  { urls, changes, place, companions }: Surroundings,
  ending: AbortSignal,
  forced: AbortSignal,
): Promise<number> {
  let migrated = false;
  const shown = new Set<string>();
  while (!ending.aborted) {
    const address = await chooseAddress(place.address);
    place.address = address;
    const env = appEnvironment(urls, address, companions);
    migrated ||= await applyMigrations(env);
    if (ending.aborted) break;
    if (!migrated) say('The migrations are not applied; they are tried again at the next change.');

    const app = migrated ? startApp(env) : undefined;
    if (app) void showOnce(app, address, companions.lines, shown);
    const changed = await Promise.race([changes.next(), app ? portLost(app, address) : never]);
    if (!changed) return app ? finish(app, forced) : 0;

    say(changed.length > 0 ? `Changed: ${changed.join(', ')}` : `Port ${address.port} is taken.`);
    await app?.end(AbortSignal.any([forced, AbortSignal.timeout(restartGrace)]));
    if (changed.some((path) => path.startsWith(`migrations${sep}`))) migrated = false;
  }
  return 0;
}

interface Address {
  host: string;
  port: number;
  /** Whether the port is the owner's choice. */
  fixed: boolean;
}

/** Where the app is, once that is chosen. */
interface Place {
  address: Address | undefined;
}

/** PORT where it is set; else the first free port from 3000 on, and the same one after a restart. */
async function chooseAddress(last: Address | undefined): Promise<Address> {
  const { HOST, PORT } = readEnvironment();
  const host = HOST || '127.0.0.1';
  if (PORT) return { host, port: Number(PORT), fixed: true };
  const first = last && !last.fixed ? last.port : 3000;
  return { host, port: await nextPort(first, host), fixed: false };
}

/** The app reads `.env` by itself; here is only what it does not say. */
function appEnvironment(
  urls: OpenServers['urls'],
  address: Address,
  companions: Companion,
): NodeJS.ProcessEnv {
  const environment = readEnvironment();
  const { APP_ORIGIN } = environment;
  return {
    ...process.env,
    NODE_ENV: 'development',
    PORT: String(address.port),
    APP_ORIGIN: APP_ORIGIN || localOrigin(address),
    ...companions.variables(environment),
    ...variablesFor(urls, environment),
  };
}

function localOrigin(address: Address | undefined): string {
  const { host, port } = address ?? { host: '127.0.0.1', port: 3000 };
  const isLocal = ['127.0.0.1', '::1', '0.0.0.0', '::'].includes(host);
  return `http://${isLocal ? 'localhost' : host}:${port}`;
}

/** Shows where the app is as soon as it is there, unless that was shown before. */
async function showOnce(
  app: App,
  address: Address,
  lines: Companion['lines'],
  shown: Set<string>,
): Promise<void> {
  const origin = localOrigin(address);
  await app.listening(address.port);
  if (shown.has(origin)) return;
  shown.add(origin);
  const beside = lines.map(([name, text]) => `\n  ${name.padEnd(12)}  ${text}`).join('');
  say(`
  The app       ${origin}
  Its API       ${origin}/docs
  Register      curl ${origin}/v1/auth/register -H "content-type: application/json" -d "{\\"email\\":\\"you@example.com\\",\\"password\\":\\"correct horse battery\\"}"${beside}
`);
}

/**
 * Fulfilled if the app ends because somebody else took its port between the look and the start. If
 * it ends for another reason that is said, and only a change starts it again.
 */
async function portLost(app: App, { host, port, fixed }: Address): Promise<string[]> {
  const code = await app.endedItself;
  if (code !== 0 && !fixed && !(await isFree(port, host))) return [];
  say(`The app has ended with exit code ${code}; the next change starts it again.`);
  return never;
}

async function finish(app: App, forced: AbortSignal): Promise<number> {
  const code = await app.end(forced);
  if (forced.aborted) return 130;
  return code === 0 ? 0 : 1;
}
