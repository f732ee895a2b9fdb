import { expect, test } from 'vitest';
import { useService } from './support/service.ts';

const service = useService();

test('the document describes every route, and each answers as it says', async () => {
  const { body: document } = await service.get('/openapi.json');
  expect(document.openapi).toBe('3.1.0');
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => ({ path, method })),
  );
  expect(operations.length).toBeGreaterThan(5);
  for (const { path, method } of operations) {
    const response = await fetch(new URL(path, service.url), { method: method.toUpperCase() });
    const described = Object.keys(document.paths[path][method].responses);
    expect(described, `${method} ${path}`).toContain(String(response.status));
    await response.text();
  }
});

test('every reference leads somewhere, and every operation has a name of its own', async () => {
  const { body: document } = await service.get('/openapi.json');
  const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)];
  expect(references.length).toBeGreaterThan(0);
  for (const [, name] of references) expect(document.components.schemas).toHaveProperty(name ?? '');
  const names = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods as Record<string, { operationId: string }>).map(
      ({ operationId }) => operationId,
    ),
  );
  expect(new Set(names).size).toBe(names.length);
});

test('a route for users says that it needs a token, an open one does not', async () => {
  const { body: document } = await service.get('/openapi.json');
  expect(document.paths['/v1/auth/me'].get.security).toEqual([{ bearer: [] }]);
  expect(document.paths['/v1/auth/login'].post.security).toBeUndefined();
});

test('the page names every route and every error, from the files of this project alone', async () => {
  const { body: document } = await service.get('/openapi.json');
  const { body: page } = await service.get('/docs');
  for (const path of Object.keys(document.paths)) expect(page).toContain(path);
  for (const [, anchor = ''] of page.matchAll(/href="#([^"]+)"/g)) {
    expect(page).toContain(`id="${anchor}"`);
  }
  expect(page).not.toContain('<script');
  for (const [, address = ''] of page.matchAll(/(?:src|href)="([^"#][^"]*)"/g)) {
    expect(address).toMatch(/^(?:\/|data:)/);
  }
  expect((await service.get('/docs/docs.css')).status).toBe(200);
});

test('an address that an error names is on the page', async () => {
  const { body: problem } = await service.post('/v1/auth/login', {
    email: 'who@example.com',
    password: 'wrong password',
  });
  const { body: page } = await service.get('/docs');
  expect(page).toContain(`id="${new URL(problem.type).hash.slice(1)}"`);
});
