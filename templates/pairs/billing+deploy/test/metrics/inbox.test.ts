import { expect, test } from 'vitest';
import { inboxFigures } from '#app/platform/metrics/inbox.ts';
import { openDatabase } from '#app/database/database.ts';
import { useService } from '../support/service.ts';
import { testSealing as sealing } from '../support/sealing.ts';

const service = useService();

test('events that were given up are counted, and those that are done are not', async () => {
  const insert = `INSERT INTO webhook_events
    (provider, event_id, type, livemode, event_created, payload, state, received_at)
    VALUES ('stripe', ?, 'x', 0, 0, '', ?, UTC_TIMESTAMP(3))`;
  for (const state of ['dead', 'processed']) {
    await service.database.connection.query(insert, [`evt_${state}`, state]);
  }
  const database = await openDatabase({ settings: service.settings, sealing });
  expect(await inboxFigures.read(database)).toEqual([
    { name: 'webhook_events', state: 'dead', value: 1 },
  ]);
  await database.close();
});
