// What a route's value promises, shown on routes made for the purpose.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { createApp } from '#app/http/app.ts';
import { describeApi } from '#app/http/docs/openapi.ts';
import {
  form,
  html,
  json,
  open,
  raw,
  redirect,
  reply,
  route,
  stream,
  type Guard,
} from '#app/http/route.ts';
import { unauthenticated } from '#app/http/errors.ts';
import { limitTime } from '#app/http/time-limit.ts';
import { createLog } from '#app/log.ts';
import { sendRaw } from './support/raw-http.ts';
import { testSettings } from './support/service.ts';

const nobody: Guard<never> = {
  scheme: 'bearer',
  check: async () => {
    throw unauthenticated();
  },
};
const asked = Promise.withResolvers<void>();
const answered = Promise.withResolvers<void>();
const slow: Guard<void> = {
  check: async () => {
    asked.resolve();
    await answered.promise;
  },
};
const log: string[] = [];
let handled = 0;

const routes = [
  route({
    method: 'get',
    path: '/things/:id',
    summary: 'Show a thing, with more than it should',
    guard: open,
    params: z.object({ id: z.coerce.number().int() }),
    query: z.strictObject({ limit: z.coerce.number().int().max(10).default(5) }),
    answers: { 200: json(z.object({ id: z.number(), limit: z.number() })) },
    handler: async ({ params, query }) => {
      const row = { id: params.id, limit: query.limit, passwordHash: 'secret' };
      return reply(200, row);
    },
  }),
  route({
    method: 'post',
    path: '/form',
    summary: 'Take a form',
    guard: open,
    body: form(z.strictObject({ name: z.string() })),
    answers: { 200: html() },
    handler: async ({ body }) => reply(200, `<p>${body.name}</p>`),
  }),
  route({
    method: 'post',
    path: '/raw',
    summary: 'Take bytes',
    guard: open,
    body: raw(10),
    answers: { 200: json(z.object({ bytes: z.number() })) },
    handler: async ({ body }) => reply(200, { bytes: body.length }),
  }),
  route({
    method: 'get',
    path: '/elsewhere',
    summary: 'Point elsewhere',
    guard: open,
    answers: { 303: redirect() },
    handler: async () => reply(303, '/form'),
  }),
  route({
    method: 'get',
    path: '/stream',
    summary: 'Send a stream',
    guard: open,
    answers: { 200: stream('text/csv') },
    handler: async () => reply(200, Readable.from(['a,b\n', '1,2\n'])),
  }),
  route({
    method: 'post',
    path: '/closed',
    summary: 'Refuse everybody',
    guard: nobody,
    body: json(z.object({})),
    answers: { 200: json(z.object({})) },
    handler: async () => {
      handled += 1;
      return reply(200, {});
    },
  }),
  route({
    method: 'get',
    path: '/slow',
    summary: 'Guard at length',
    guard: slow,
    answers: { 200: json(z.object({})) },
    handler: async () => {
      handled += 1;
      return reply(200, {});
    },
  }),
  route({
    method: 'get',
    path: '/broken',
    summary: 'Fail',
    guard: open,
    answers: { 200: json(z.object({})) },
    handler: async () => {
      throw new Error('password=hunter2 at SELECT * FROM users');
    },
  }),
  route({
    method: 'get',
    path: '/broken-page',
    summary: 'Fail on a page',
    guard: open,
    answers: { 200: html() },
    errorPage: (error) => `<h1>${error.message}</h1>`,
    handler: async () => {
      throw new Error('a fault on a page');
    },
  }),
  route({
    method: 'get',
    path: '/page',
    summary: 'Answer with what is not for those who call the API',
    guard: open,
    undocumented: true,
    answers: { 200: html() },
    handler: async () => reply(200, '<p>Page</p>'),
  }),
  route({
    method: 'get',
    path: '/apart',
    summary: 'Answer on a host of its own',
    guard: open,
    origin: 'https://apart.example.com',
    answers: { 200: html() },
    handler: async () => reply(200, '<p>Apart</p>'),
  }),
  route({
    method: 'get',
    path: '/alive',
    summary: 'Answer on every host',
    guard: open,
    everyHost: true,
    answers: { 200: html() },
    handler: async () => reply(200, '<p>Alive</p>'),
  }),
];

const server = createServer(
  createApp(
    {
      settings: testSettings(
        { url: 'mysql://127.0.0.1/none' },
        { CORS_ORIGINS: 'https://www.example.com' },
      ),
      log: createLog({ LOG_LEVEL: 'info' }, { write: (line: string) => void log.push(line) }),
    },
    [{ name: 'test', routes }],
  ),
);
let url = '';

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

/** What is said of another origin, and of cookies that it sends. */
async function allowedOn(path: string): Promise<(string | null)[]> {
  const headers = { origin: 'https://www.example.com' };
  const answer = await fetch(`${url}${path}`, { headers });
  return ['origin', 'credentials'].map((name) =>
    answer.headers.get(`access-control-allow-${name}`),
  );
}

async function on(host: string, path: string): Promise<number> {
  return (await sendRaw(url, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`))
    .status;
}

const ask = (path: string, init: RequestInit = {}) =>
  fetch(url + path, { redirect: 'manual', ...init });

test('a key that the output schema does not name never leaves', async () => {
  expect(await (await ask('/things/7')).json()).toEqual({ id: 7, limit: 5 });
});

test('a fault on a page is logged, and answered as a page without detail', async () => {
  const response = await ask('/broken-page');
  expect(response.status).toBe(500);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(await response.text()).toBe('<h1>Internal error</h1>');
  const requestId = response.headers.get('x-request-id');
  const lines = log.map((line) => JSON.parse(line)).filter((line) => line.requestId === requestId);
  expect(lines.map(({ level }) => level)).toContain('error');
});

test('a host of its own answers with its own routes alone, and they answer nowhere else', async () => {
  expect(await on('apart.example.com', '/apart')).toBe(200);
  expect(await on('Apart.Example.com', '/apart')).toBe(200);
  expect(await on('apart.example.com', '/things/7')).toBe(404);
  expect(await on('app.example.com', '/apart')).toBe(404);
  expect(await on('app.example.com', '/things/7')).toBe(200);
  for (const host of ['apart.example.com', 'app.example.com']) {
    expect(await on(host, '/alive')).toBe(200);
  }
});

test('query parameters are validated, and the wrong one is named', async () => {
  const response = await ask('/things/7?limit=11');
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({ errors: [{ pointer: '?limit' }] });
  expect((await ask('/things/7?limt=1')).status).toBe(422);
});

test('a path parameter that cannot name anything is not found', async () => {
  expect((await ask('/things/seven')).status).toBe(404);
  expect((await ask('/things/%ff')).status).toBe(400);
});

test('forms, bytes, pages, redirects and streams are answered as declared', async () => {
  const page = await ask('/form', { method: 'POST', body: new URLSearchParams({ name: 'Ada' }) });
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(await page.text()).toBe('<p>Ada</p>');

  const small = await ask('/raw', { method: 'POST', body: '0123456789' });
  expect(await small.json()).toEqual({ bytes: 10 });
  expect(await (await ask('/raw', { method: 'POST' })).json()).toEqual({ bytes: 0 });
  expect((await ask('/raw', { method: 'POST', body: '0123456789x' })).status).toBe(413);

  const elsewhere = await ask('/elsewhere');
  expect([elsewhere.status, elsewhere.headers.get('location')]).toEqual([303, '/form']);

  const streamed = await ask('/stream');
  expect(streamed.headers.get('content-type')).toBe('text/csv');
  expect(await streamed.text()).toBe('a,b\n1,2\n');
});

test('bytes are described as what they are, with the errors that they can bring', () => {
  const { paths } = describeApi({ title: '', version: '', origin: '' }, [{ name: 'test', routes }]);
  const { requestBody, responses } = paths['/raw']?.['post'] ?? {};
  expect(requestBody?.content).toEqual({ 'application/octet-stream': { schema: {} } });
  expect(Object.keys(responses ?? {})).toEqual(['200', '400', '413', '415', '500', '503']);
});

test('a stranger is refused before anything that he sent is read', async () => {
  const response = await ask('/closed', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{not json',
  });
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe('Bearer');
  expect(handled).toBe(0);
});

test('a request whose time is up while its guard is asked is not handled afterwards', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const answering = new Map<ServerResponse, number>();
  const stop = limitTime(answering, { APP_ORIGIN: 'http://localhost:3000' });
  server.once('request', (_request, response) => answering.set(response, -Infinity));
  const response = ask('/slow');
  await asked.promise;
  vi.advanceTimersByTime(1000);
  stop();
  expect((await response).status).toBe(503);

  answered.resolve();
  // By the time that another request is answered, the handler would have run.
  await ask('/things/7');
  expect(handled).toBe(0);
});

test('a fault of ours says nothing of itself, and everything to the log', async () => {
  const response = await ask('/broken');
  const text = await response.text();
  expect(response.status).toBe(500);
  expect(text).not.toMatch(/hunter2|SELECT|\bat \//);
  expect(JSON.parse(text)).toMatchObject({ code: 'internal_error' });
  expect(log.find((line) => line.includes('hunter2'))).toContain(JSON.parse(text).requestId);
});

test('an origin that may call the API reads nothing that is not part of it', async () => {
  expect(await allowedOn('/alive')).toEqual(['https://www.example.com', 'true']);
  expect(await allowedOn('/page')).toEqual([null, null]);
});

test('what signed-in users can call cannot be left out of the documentation', () => {
  const hidden = route({
    method: 'get',
    path: '/hidden',
    summary: 'Hide from the tests that try every route',
    guard: nobody,
    undocumented: true,
    answers: { 200: html() },
    handler: async () => reply(200, ''),
  });
  const deps = {
    settings: testSettings({ url: 'mysql://127.0.0.1/none' }),
    log: createLog({ LOG_LEVEL: 'silent' }),
  };
  expect(() => createApp(deps, [{ name: 'test', routes: [hidden] }])).toThrow(
    'get /hidden is for signed-in users',
  );
});
