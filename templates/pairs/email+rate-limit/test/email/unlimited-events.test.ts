import { expect, test } from 'vitest';
import { useService } from '../support/service.ts';

const service = useService({ RATE_LIMIT_ADDRESS_POINTS: '1' });

test('Resend can send as many events from one address as there are', async () => {
  for (let turn = 0; turn < 3; turn += 1) {
    const { status, headers } = await service.post('/webhooks/email/resend', {});
    expect(status).not.toBe(429);
    expect(headers.get('ratelimit-policy')).toBeNull();
  }
});
