import { expect, test } from 'vitest';
import { useService } from './support/service.ts';

const service = useService({ TRUST_PROXY_HOPS: '1' });

test('behind one proxy, the address that it saw is taken, and not what the client made up', async () => {
  const { headers } = await service.get('/healthz', {
    'x-forwarded-for': '198.51.100.1, 203.0.113.9',
    'x-forwarded-host': 'evil.example',
  });
  const requestId = headers.get('x-request-id');
  await expect
    .poll(() => service.log.find((line) => line['requestId'] === requestId)?.['ip'])
    .toBe('203.0.113.9');
});

test('links are made from the origin in the settings, whatever a proxy forwards', async () => {
  const { body } = await service.get('/nowhere', { 'x-forwarded-host': 'evil.example' });
  expect(body.type).toMatch(/^http:\/\/localhost:3000\//);
});
