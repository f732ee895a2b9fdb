// The limits of the service's own routes, those of tomorrow too.
import { expect, test } from 'vitest';
import type { Hook } from '#app/http/hook.ts';
import { hooks } from '#app/http/hooks.ts';
import { unlimited } from '#app/http/limits/unlimited.ts';
import type { Route } from '#app/http/route.ts';
import { useService, type Answer } from '../support/service.ts';
import { askWho, signUp } from '../support/users.ts';

/** Every route of the service, and how its limits are held. */
const held = new Map<string, { route: Route; hook: Hook | undefined }>();
const { limits } = hooks;
hooks['limits'] = (services) => {
  const hookOf = limits?.(services);
  return (route) => {
    const hook = hookOf?.(route);
    held.set(`${route.method} ${route.path}`, { route, hook });
    return hook;
  };
};

const service = useService({
  TRUST_PROXY_HOPS: '1',
  RATE_LIMIT_POINTS: '3',
  RATE_LIMIT_ADDRESS_POINTS: '5',
});
const stated = ({ status, headers }: Answer) => [status, headers.get('ratelimit-policy')];

test('every route has a limit, or says that it has none', () => {
  const free = [...held.values()].filter(({ hook }) => hook === undefined);
  const paths = new Set(
    free.filter(({ route }) => route.limit !== false).map(({ route }) => route.path),
  );
  expect(paths).toEqual(new Set(Object.values(unlimited)));
  expect(held.size).toBeGreaterThan(20);
});

test('what is limited is described so', async () => {
  const { body } = await service.get('/openapi.json', { 'x-forwarded-for': '10.1.1.1' });
  const described = (path: string, method: string): string =>
    body.paths[path][method].responses['429']?.description ?? '';
  expect(described('/v1/auth/sessions', 'get')).toBe('Quota exceeded (`quota_exceeded`)');
  expect(described('/v1/auth/login', 'post')).toContain('`quota_exceeded`');
  expect(described('/v1/auth/login', 'post')).toContain('`too_many_attempts`');
  expect(described('/healthz', 'get')).toBe('');
});

test('an account is limited, wherever it calls from', async () => {
  const { authorization } = await signUp(service);
  const answers = [];
  for (let turn = 0; turn < 4; turn += 1) {
    answers.push(await askWho(service, { ...authorization, 'x-forwarded-for': `10.2.${turn}.1` }));
  }
  const policy = '"api";q=3;w=60';
  expect(answers.map(stated)).toEqual([
    [200, policy],
    [200, policy],
    [200, policy],
    [429, policy],
  ]);
});

test('an address range is limited on what is open, and asking for health is not', async () => {
  const from = { 'x-forwarded-for': '10.3.1.1' };
  const answers = [];
  for (let turn = 0; turn < 6; turn += 1) answers.push(await service.get('/docs', from));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429]);
  expect(answers[0]?.headers.get('ratelimit-policy')).toBe('"address";q=5;w=60');
  for (let turn = 0; turn < 10; turn += 1) {
    for (const path of ['/healthz', '/readyz']) {
      expect(stated(await service.get(path, from))).toEqual([200, null]);
    }
  }
});
