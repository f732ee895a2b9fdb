import { Redis as Client } from 'ioredis';
import type { ServerKind } from './kind.ts';
import type { ServerRecord } from './record.ts';

/** Milliseconds in which it answers one who asks whether it is there. */
const patience = 5000;

/** Nothing is kept on disk, and nothing is dropped to make room: it says that it is full. */
const options = ['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction'];

/** Redis, or Valkey, which answers the same way. */
export const redis: ServerKind = {
  name: 'redis',
  module: import.meta.url,
  noun: 'Redis server',
  variables: ['REDIS_URL'],
  install: {
    darwin: 'brew install redis',
    win32: 'winget install Docker.DockerDesktop',
    apt: 'sudo apt-get install redis-server',
    other: 'sudo dnf install valkey',
  },
  programs: {
    files: ['redis-server', 'valkey-server'],
    unixFolders: ['/{opt/homebrew,usr/local,home/linuxbrew/.linuxbrew}/opt/{redis,valkey}*/bin'],
    windowsFolders: ['Redis/bin', 'Redis'],
    version: ['--version'],
    makeOf: (said) => (said.includes('Valkey') ? 'Valkey' : 'Redis'),
    oldest: { Redis: [6, 2] },
  },
  packages: {
    make: 'Redis',
    size: 'about 2 MB',
    // By the names of this release of the distribution, or of one that has Valkey in its place. The
    // tools have to be named: the server is a link to one of them.
    sets: [
      ['redis-server', 'redis-tools'],
      ['valkey-server', 'valkey-tools'],
    ],
    servers: ['usr/bin/redis-server', 'usr/bin/valkey-server'],
    options: () => [],
  },
  image: {
    name: 'redis:7-alpine',
    size: 'about 20 MB',
    port: 6379,
    variables: ({ password }) => ({ REDIS_PASSWORD: password }),
    command: [
      'sh',
      '-c',
      'umask 077 && echo "requirepass $REDIS_PASSWORD" > /tmp/permit && exec redis-server /tmp/permit "$@"',
      'sh',
      ...options,
    ],
  },
  url,
  refusal: async (record) => {
    try {
      await ask(record, (client) => client.ping());
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  },
  askToEnd: async (record) => {
    try {
      // It answers by closing the connection.
      await ask(record, (client) => client.shutdown('NOSAVE').catch(() => undefined));
      return true;
    } catch {
      return false; // it does not listen yet, or not to us
    }
  },
  arguments: ({ record }, _program, permit) => [
    // It first reads its input to the end, and then ends itself where a file to include is missing.
    '-',
    '--include',
    permit,
    '--bind',
    '127.0.0.1',
    '--port',
    String(record.port),
    ...options,
  ],
  permit: ({ password }) => `requirepass ${password}\n`,
};

function url({ port, password }: ServerRecord): string {
  return `redis://default:${password}@127.0.0.1:${port}`;
}

/** Asks one thing over a connection of its own. @throws where that cannot be had */
async function ask(
  record: ServerRecord,
  question: (client: Client) => Promise<unknown>,
): Promise<void> {
  const client = new Client(url(record), {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: patience,
    commandTimeout: patience,
  });
  let reason: Error | undefined;
  client.on('error', (error: Error) => (reason = error));
  try {
    await client.connect();
    await question(client);
  } catch (error) {
    throw reason ?? error;
  } finally {
    client.disconnect();
  }
}
