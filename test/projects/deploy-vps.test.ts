import { execa } from 'execa';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openMailServer, type MailServer } from '../../templates/base/test/support/mail-server.ts';
import { countOf } from '../../scripts/lib/counts.ts';
import { Client, load } from './support/load.ts';
import { domain, ScratchServer } from './support/scratch-server.ts';

let mailServer: MailServer;
let server: ScratchServer;
let client: Client;

beforeAll(async () => {
  mailServer = await openMailServer();
  server = await ScratchServer.make([], mailServer.url);
  await server.run(0, 'deploy.sh');
  client = new Client(site());
});

afterAll(async () => {
  client?.close();
  await server?.stop();
  await mailServer?.close();
});

const good = countOf('DEPLOYMENTS') - 1;

test(`deploying under load loses no request, ${good} times`, async () => {
  for (let number = 1; number <= good; number += 1) {
    const before = server.current;
    await server.change('README.md', (text) => `${text}\nRelease ${number}.\n`);
    const stop = await load(site(), 8);
    await server.run(0, 'deploy.sh');
    const { answered, failed } = await stop();

    expect(failed).toEqual([]);
    expect(answered).toBeGreaterThan(100);
    expect(server.current).not.toBe(before);
    expectWhole();
  }
  expect(readdirSync(join(server.app, 'releases')).length).toBeLessThanOrEqual(5);
});

// One that hangs is given up only when its time is over.
const faults = {
  ends: 'throw 0;',
  ...(countOf('FULL') > 0 && {
    hangs: 'setInterval(() => {}, 1000); await new Promise(() => {});',
  }),
};

test.for(Object.entries(faults))(
  'under load, a release that %s is switched back, and of a hundred requests not one is lost',
  async ([, fault]) => {
    const before = server.current;
    await server.change('src/main.ts', (text) => `${fault}\n${text}`);
    const stop = await load(site(), 8);
    const output = await server.run(1, 'deploy.sh');
    const { answered, failed } = await stop();
    await server.undo();

    expect(output).toContain(`Switched back to ${before}.`);
    expect(server.current).toBe(before);
    expect(failed.length / answered).toBeLessThan(0.01);
    expectWhole();
  },
);

test('an artefact is deployed by its checksum, and refused by another', async () => {
  const file = join(server.root, 'app.tar.gz');
  await execa('git', ['archive', '--format=tar.gz', `--output=${file}`, 'HEAD'], {
    cwd: server.project,
  });
  const { stdout } = await execa('sha256sum', [file]);
  const sum = stdout.slice(0, 64);
  const before = server.current;
  const other = `${sum.startsWith('0') ? '1' : '0'}${sum.slice(1)}`;
  const refused = await server.run(3, 'deploy.sh', '--artefact', file, '--sha256', other);
  expect(refused).toContain('is not the one that was meant');
  expect(server.current).toBe(before);

  await server.run(0, 'deploy.sh', '--artefact', file, '--sha256', sum, '--revision', 'v2');
  expect(server.current).toMatch(/-v2$/);
  expect(server.running).toEqual(both(server.current));
});

test('a rollback puts the release before back, and deployments go on from there', async () => {
  const newest = server.current;
  await server.run(0, 'rollback.sh');
  const before = server.current;
  expect(before < newest).toBe(true);
  expect(server.running).toEqual(both(before));
  await server.run(0, 'rollback.sh', newest);
  expect(server.current).toBe(newest);
  expect(await server.run(2, 'rollback.sh', '../x')).toContain('There is no release ../x');
  expect(readFileSync(join(server.app, 'deployments.log'), 'utf8')).toContain(
    `${before} rolled back`,
  );
});

test('status says what is in service, and ends with 1 where an instance is away', async () => {
  expect(await server.run(0, 'status.sh')).toContain(server.current);
  const unit = 'my-app-web@2.service';
  await execa(server.supervisor.program, ['stop', unit]);
  expect(await server.run(1, 'status.sh')).toContain(`NOT READY  ${unit}`);
  await execa(server.supervisor.program, ['start', unit]);
});

test('keys are rotated on the server, and every instance takes part', async () => {
  const ready = async () => (await server.script('status.sh').exitCode) === 0;
  await expect.poll(ready, { timeout: 60_000 }).toBe(true);
  const order = ['keys', 'rotate', '--instances', 'web-1,web-2'];
  expect(await server.run(0, 'run.sh', ...order)).toMatch(/web-1[^]*signs/);
  expect(await server.run(2, 'run.sh', '../x')).toContain('Name one of the commands');
});

test('what a client says of its address and of the host is not believed', async () => {
  const { headers } = await client.ask('GET', '/healthz', {
    headers: { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=203.0.113.9' },
  });
  const seen = () =>
    server
      .logLines()
      .find(({ requestId }) => requestId !== undefined && requestId === headers['x-request-id']);
  await expect.poll(() => seen()?.['ip']).toBe('127.0.0.1');

  const body = { email: 'h1@example.com', password: 'correct horse battery staple' };
  const spoofed = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' };
  await client.ask('POST', '/v1/auth/register', { body });
  const { status } = await client.ask('POST', '/v1/auth/password/forgot', {
    body: { email: body.email },
    headers: spoofed,
  });
  expect(status).toBe(202);
  const sent = () => mailServer.mails.filter(({ to }) => to.includes(body.email));
  await expect.poll(() => sent().length, { timeout: 20_000 }).toBe(2);
  for (const { text } of sent()) {
    expect(text).toContain(`https://${domain}/`);
    expect(text).not.toContain('evil.example');
  }
});

test('who sends slowly or floods is cut off, and others are served meanwhile', async () => {
  const slow = await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      const socket = await open();
      const head = `POST /v1/auth/login HTTP/1.1\r\nHost: ${domain}\r\n`;
      // Half of them stop within the headers, the others within the body.
      socket.write(
        index % 2 === 0
          ? head
          : `${head}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`,
      );
      return socket;
    }),
  );
  const closed = Promise.all(slow.map((socket) => once(socket, 'close')));
  expect((await client.ask('GET', '/readyz')).status).toBe(200);

  expect(await answerTo(`X-Long: ${'x'.repeat(100_000)}\r\n`)).toMatch(/^HTTP\/1.1 400 /);
  const many = Array.from({ length: 20_000 }, (_, index) => `X-${index}: x\r\n`).join('');
  expect(await answerTo(many)).toMatch(/^HTTP\/1.1 4\d\d /);
  const large = 'x'.repeat(2_000_000);
  expect((await client.ask('POST', '/v1/auth/login', { body: large })).status).toBe(413);

  await closed;
  expect((await client.ask('GET', '/readyz')).status).toBe(200);
});

test('HTTP leads to HTTPS but for the proof of the domain, and the metrics are not for the world', async () => {
  const { status, headers } = await plainly('/a?b=c');
  expect(status).toBe(308);
  expect(headers.location).toBe(`https://${domain}/a?b=c`);
  const folder = join(server.root, 'var/www/acme/.well-known/acme-challenge');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'token'), 'proof');
  expect((await plainly('/.well-known/acme-challenge/token')).status).toBe(200);

  const { status: hidden, headers: secure } = await client.ask('GET', '/metrics');
  expect(hidden).toBe(404);
  expect(secure['strict-transport-security']).toBe('max-age=63072000');
  const answer = await client.ask('GET', '/healthz');
  expect(answer.headers['strict-transport-security']).toBe('max-age=63072000');
});

/** Nothing is left of a deployment, and all instances are of the release in service. */
function expectWhole(): void {
  expect(server.running).toEqual(both(server.current));
  expect(readdirSync(join(server.root, 'run/my-app'))).toEqual(['lock']);
  expect(existsSync(join(server.app, 'next'))).toBe(false);
}

/** The instances, each of the release. */
function both(release: string): Record<string, string> {
  return { 'my-app-web@1.service': release, 'my-app-web@2.service': release };
}

function site() {
  return { domain, port: server.front.ports.https };
}

async function open(): Promise<TLSSocket> {
  const { port } = site();
  const socket = connect({
    host: '127.0.0.1',
    port,
    servername: domain,
    rejectUnauthorized: false,
  });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

/** What comes back to a request with these headers, until the connection is closed. */
async function answerTo(headers: string): Promise<string> {
  const socket = await open();
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(`GET /healthz HTTP/1.1\r\nHost: ${domain}\r\n${headers}\r\n`);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}

async function plainly(path: string) {
  const asked = get({ host: '127.0.0.1', port: server.front.ports.http, path });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.resume();
  return { status: response.statusCode, headers: response.headers };
}
