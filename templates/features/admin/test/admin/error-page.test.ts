import { expect, test } from 'vitest';
import { errorPage } from '#app/domains/admin/pages/layout.ts';
import { internalError } from '#app/http/errors.ts';
import { requestContext } from '#app/http/request-context.ts';
import { signInOperator } from './support/operator.ts';
import { useService } from '../support/service.ts';

const service = useService();

test('a page of what is not there says so, and leads back', async () => {
  const operator = await signInOperator(service);
  const { status, body } = await operator.get(
    '/admin/customers/00000000-0000-4000-8000-000000000000',
  );
  expect(status).toBe(404);
  expect(body).toContain('There is nothing at this address, or not any more.');
  expect(body).toContain('href="/admin"');
});

test('an error that is ours names the request by which the log has it, and no more', () => {
  const context = { requestId: 'request-1', logFields: {} };
  const page = requestContext.run(context, () => errorPage(internalError()));
  expect(page).toContain('Internal error');
  expect(page).toContain('request-1');
});
