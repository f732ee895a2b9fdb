import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/lib/root.ts';

const handlers = 'templates/features/billing/src/domains/billing/webhooks/handlers';

test('the events that the endpoint is to be made for are those that have a handler', () => {
  const page = readFileSync(join(root, 'docs/billing.md'), 'utf8');
  const [, listed = ''] = /### The events of the endpoint\n.*?```text\n(.*?)```/s.exec(page) ?? [];
  const handled = globSync(`${handlers}/*.ts`, { cwd: root })
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .flatMap((code) => /^ +type: '([\w.]+)',$/m.exec(code)?.slice(1) ?? []);
  expect(handled).toContain('invoice.paid');
  expect(listed.trim().split('\n').toSorted()).toEqual(handled.toSorted());
});
