// What a project has for Docker, read by Docker's own client; nothing is built or run.
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface, type Interface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { npmTools } from '../../scripts/lib/npm-tools.ts';
import { packages } from '../../scripts/lib/packages.ts';
import { freePort } from '../../scripts/lib/port.ts';
import { dockerCompose } from '../../scripts/lib/unstable.ts';
import { rendered, richest } from './support/combinations.ts';
import { projectsWith, writtenDeployment } from './support/deployed.ts';

interface Service {
  readonly user?: string;
  readonly image: string;
  readonly command?: readonly string[] | null;
  readonly read_only?: boolean;
  readonly init?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly mem_limit?: string;
  readonly ports?: readonly { published: string }[];
  readonly networks: object;
  readonly secrets?: readonly { source: string; target: string }[];
  readonly volumes?: readonly { type: string; source: string; target: string }[];
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly deploy?: { readonly replicas: number };
  readonly stop_grace_period?: string;
}

interface Composed {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { internal?: boolean }>>;
  readonly secrets: Readonly<Record<string, { file: string }>>;
}

const networksOf: Readonly<Record<string, readonly string[]>> = {
  proxy: ['edge'],
  database: ['inside'],
  redis: ['inside'],
};
// The image of the app has its own.
const users: Readonly<Record<string, string>> = { database: 'mysql', redis: 'redis' };

const isRoot = process.getuid?.() === 0;
const rich = writtenDeployment(richest('my-app'));

beforeAll(async () => {
  await dockerCompose();
}, 300_000);

describe.each(projectsWith('docker'))('in a project of %s', (_, answers) => {
  const folder = writtenDeployment(answers);
  const has = (feature: string) => answers.features.includes(feature);
  const isLocal = answers.deploy?.docker?.db !== 'managed';

  test('compose.yml has what runs there, and nothing else', async () => {
    const { services } = await compose(folder, 'compose.yml');
    const expected = [
      'migrate',
      'proxy',
      'web',
      ...(isLocal ? ['database'] : []),
      ...(has('redis') || has('queues') ? ['redis'] : []),
      ...(has('queues') ? ['worker'] : []),
    ];
    expect(Object.keys(services).toSorted()).toEqual(expected.toSorted());
  });

  test('no container has rights, and only the proxy is reached from outside', async () => {
    const { services, networks } = await compose(folder, 'compose.yml');
    expect(networks['inside']).toMatchObject({ internal: true });
    for (const [name, service] of Object.entries(services)) {
      expect(service, name).toMatchObject({
        read_only: true,
        init: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        mem_limit: expect.any(String),
      });
      expect(service.cap_add ?? [], name).toEqual(name === 'proxy' ? ['NET_BIND_SERVICE'] : []);
      expect(service.ports === undefined, name).toBe(name !== 'proxy');
      expect(Object.keys(service.networks), name).toEqual(networksOf[name] ?? ['edge', 'inside']);
      expect(service.user, name).toBe(users[name]);
    }
  });

  test('the service waits for its migrations, which alone have their owner', async () => {
    const { services } = await compose(folder, 'compose.yml');
    expect(services['web']?.depends_on).toMatchObject({
      migrate: { condition: 'service_completed_successfully' },
    });
    for (const [name, { secrets = [] }] of Object.entries(services)) {
      const sources = new Set(secrets.map(({ source }) => source));
      expect(sources.has('migrate'), name).toBe(name === 'migrate');
      expect(sources.has('database-root'), name).toBe(name === 'database');
    }
    expect(services['web']?.environment).toMatchObject({
      APP_ORIGIN: 'https://app.example.com',
      TRUST_PROXY_HOPS: '1',
    });
    expect(services['proxy']?.environment).toEqual({ DOMAIN: 'app.example.com' });
    // Where it depends on the service, it is stopped with it at each deploy.
    expect(services['proxy']).not.toHaveProperty('depends_on');
    expect(services['web']?.deploy?.replicas).toBe(answers.deploy?.docker?.instances ?? 2);
  });

  test('metrics are for other containers alone, of the service and its worker', async () => {
    const { services } = await compose(folder, 'compose.yml');
    const shown = { METRICS_HOST: '0.0.0.0', METRICS_PORT: '9110' };
    for (const name of ['web', ...(has('queues') ? ['worker'] : [])]) {
      expect(services[name]?.environment, name).toMatchObject(shown);
      expect(services[name], name).toMatchObject({
        build: { args: { RELEASE: expect.any(String) } },
      });
    }
    expect(dockerfileOf(folder)).toMatch(/\nARG RELEASE\nENV RELEASE=\$\{RELEASE\}\n/);
  });

  test('compose.dev.yml is read, and listens to this machine alone', async () => {
    const { services } = await compose(folder, 'compose.dev.yml');
    expect(Object.keys(services)).toContain('mail');
    const file = readFileSync(join(folder, 'deploy/docker/compose.dev.yml'), 'utf8');
    for (const [, ports = ''] of file.matchAll(/ports: \[(.*)\]/g)) {
      for (const port of ports.split(', ')) expect(port).toMatch(/^'127\.0\.0\.1:/);
    }
  });

  test('the Dockerfile is one, and ends as a user without rights', async () => {
    await expectDockerfile(folder);
  });
});

test('a misspelt key is told by the client, so this test can tell', async () => {
  const [program, ...args] = await dockerCompose();
  const { exitCode } = await execa(program, [...args, '-f', '-', 'config', '--quiet'], {
    input: 'services: {web: {image: x, restrat: always}}',
    reject: false,
  });
  expect(exitCode).not.toBe(0);
});

test('the image gets what it copies, and nothing that is not named', () => {
  const ignore = readFileSync(join(rich, '.dockerignore'), 'utf8').split('\n');
  const [first, ...named] = ignore.filter((line) => line !== '' && !line.startsWith('#'));
  expect(first).toBe('*');
  const paths = [...rendered(richest('my-app')).keys()];
  for (const name of named.filter((line) => line !== '!pnpm-lock.yaml')) {
    const wanted = name.slice(1);
    expect(paths.some((path) => path === wanted || path.startsWith(`${wanted}/`))).toBe(true);
  }
  expect(named.join(' ')).not.toMatch(/deploy|secrets|\.env|test|dev/);
});

test('the health check follows what the service answers', async () => {
  const [, text = ''] = /HEALTHCHECK[^[]*CMD (\[.*\])/.exec(dockerfileOf(rich)) ?? [];
  const [, ...args] = JSON.parse(text) as string[];
  let status = 200;
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/healthz' ? status : 404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const check = async () => {
    const own = args.map((arg) => arg.replace(':3000/', `:${port}/`));
    return (await execa(process.execPath, own, { reject: false })).exitCode;
  };
  expect(await check()).toBe(0);
  status = 503;
  expect(await check()).toBe(1);
  server.close();
  await once(server, 'close');
  expect(await check()).toBe(1);
});

test('Caddy takes its file, and hands on no name that a client made up', async () => {
  const caddy = join(await packages('caddy'), 'usr', 'bin', 'caddy');
  const folder = writtenDeployment(richest('my-app'), onTestFinished);
  const file = join(folder, 'Caddyfile');
  writeFileSync(file, forOldCaddy(folder));
  const { stdout } = await execa(caddy, ['adapt', '--adapter', 'caddyfile', '--config', file], {
    env: { DOMAIN: 'app.example.com' },
  });
  const config = JSON.stringify(JSON.parse(stdout));
  expect(config).toContain('"host":["app.example.com"]');
  expect(config).toContain('"delete":["X-Forwarded-Host"]');
}, 300_000);

test('Caddy keeps a request waiting while nobody is there to take it, and says whose it is', async () => {
  const caddy = join(await packages('caddy'), 'usr', 'bin', 'caddy');
  const folder = writtenDeployment(richest('my-app'), onTestFinished);
  const [front, behind] = [await freePort(), await freePort()];
  const own = `{\n\tadmin off\n\tdebug\n${forOldCaddy(folder).replace(/^\{\n/, '')}`
    .replace('{$DOMAIN} {', `http://127.0.0.1:${front} {`)
    .replace('web:3000', `127.0.0.1:${behind}`);
  const file = join(folder, 'Caddyfile');
  writeFileSync(file, own);
  const args = ['run', '--adapter', 'caddyfile', '--config', file];
  const env = { HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
  const running = execa(caddy, args, { env, reject: false });
  onTestFinished(async () => {
    running.kill();
    await running;
  });
  const lines = createInterface({ input: running.stderr });
  const refused = lineWith(lines, 'connection refused');
  const ended = running.then(() => 'ended');
  const serving = lineWith(lines, 'serving initial configuration');
  expect(await Promise.race([serving, ended])).toContain('serving');

  const spoofed = { 'X-Forwarded-For': '203.0.113.9', 'X-Forwarded-Host': 'evil.example' };
  const sent = httpRequest({ host: '127.0.0.1', port: front, headers: spoofed }).end();
  await refused;
  const seen: NodeJS.Dict<string | string[]>[] = [];
  const service = createServer((request, response) => {
    seen.push(request.headers);
    response.end();
  }).listen(behind, '127.0.0.1');
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  service.close();
  expect(answer.statusCode).toBe(200);
  expect(seen).toMatchObject([{ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' }]);
  expect(seen[0]).not.toHaveProperty('x-forwarded-host');
}, 300_000);

describe('secrets.sh', () => {
  const script = (folder: string) => join(folder, 'deploy', 'docker', 'secrets.sh');

  test('has nothing that shellcheck finds', async () => {
    const shellcheck = join(await packages('shellcheck'), 'usr', 'bin', 'shellcheck');
    const { exitCode, stdout } = await execa(shellcheck, [script(rich)], { reject: false });
    expect(exitCode, stdout).toBe(0);
  }, 300_000);

  test.runIf(isRoot)('makes what compose.yml hands on, each for its container alone', async () => {
    const folder = writtenDeployment(richest('my-app'), onTestFinished);
    const { stdout, stderr } = await execa(script(folder));
    const { secrets } = await compose(folder, 'compose.yml');
    const owners: Record<string, number> = { app: 1000, migrate: 1000 };
    for (const [name, { file }] of Object.entries(secrets)) {
      const { mode, uid } = statSync(file);
      expect([mode & 0o777, uid], name).toEqual([0o600, owners[name] ?? 999]);
    }
    const text = (name: string) => readFileSync(secrets[name]?.file ?? '', 'utf8');
    const passwords = [...text('database-users').matchAll(/IDENTIFIED BY '([\da-f]{48})'/g)];
    const [app = '', owner = ''] = passwords.map(([, password = '']) => password);
    expect(text('app')).toContain(`DATABASE_URL=mysql://app:${app}@database:3306/app\n`);
    expect(text('migrate')).toContain(`mysql://app_owner:${owner}@database:3306/app\n`);
    expect(new Set([app, owner, text('database-root')]).size).toBe(3);
    expect(text('app')).not.toContain(owner);
    for (const password of [app, owner, text('database-root')]) {
      expect(stdout + stderr).not.toContain(password);
    }
    for (const line of ['SMTP_URL=', 'STRIPE_SECRET_KEY=']) {
      expect(text('app').split('\n')).toContain(line);
    }

    const before = Object.keys(secrets).map(text);
    expect((await execa(script(folder))).stdout).toContain('are there already');
    expect(Object.keys(secrets).map(text)).toEqual(before);
  });

  test.runIf(isRoot)('is not for who cannot give files away', async () => {
    const folder = writtenDeployment(richest('my-app'), onTestFinished);
    const nobody = ['--reuid=12345', '--regid=12345', '--clear-groups', 'sh', script(folder)];
    const { exitCode } = await execa('setpriv', nobody, { reject: false });
    expect(exitCode).not.toBe(0);
    expect(existsSync(join(folder, 'deploy', 'docker', 'secrets'))).toBe(false);
  });
});

/** Debian's Caddy is older than an option of 2.7, without which it sends no body again. */
function forOldCaddy(folder: string): string {
  const text = readFileSync(join(folder, 'deploy', 'docker', 'Caddyfile'), 'utf8');
  return text.replace(/\n.*\n\s*request_buffers 1MB/, '');
}

/** Resolves to the next line that has the words. */
function lineWith(lines: Interface, words: string): Promise<string> {
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      if (line.includes(words)) resolve(line);
    });
  });
}

async function compose(folder: string, file: string): Promise<Composed> {
  const [program, ...args] = await dockerCompose();
  const path = join(folder, 'deploy', 'docker', file);
  const { stdout } = await execa(program, [...args, '-f', path, 'config', '--format', 'json']);
  return JSON.parse(stdout) as Composed;
}

function dockerfileOf(folder: string): string {
  return readFileSync(join(folder, 'Dockerfile'), 'utf8');
}

async function expectDockerfile(folder: string): Promise<void> {
  const text = dockerfileOf(folder);
  const tools = await npmTools('dockerfile-utils@0.16.3');
  const { validate } = (await import(
    pathToFileURL(join(tools, 'dockerfile-utils', 'lib', 'main.js')).href
  )) as { validate: (dockerfile: string) => readonly object[] };
  expect(validate(text)).toEqual([]);
  expect(validate(text.replace('WORKDIR', 'WROKDIR'))).not.toEqual([]);
  const last = text.slice(text.lastIndexOf('\nFROM'));
  expect(last).toContain('\nUSER node\n');
  expect(last).toContain('\nCMD ["node", "src/main.ts"]\n');
  expect(last.indexOf('USER node')).toBeLessThan(last.indexOf('CMD'));
  expect(text).toContain('--ignore-scripts');
}
