import { pino } from 'pino';
import { expect, test } from 'vitest';
import { startLoop } from '#app/platform/loop.ts';

const hour = 3_600_000;
const silent = pino({ level: 'silent' });

/** Work that a test lets end, run by run. */
function controlled() {
  const runs: PromiseWithResolvers<void>[] = [];
  let begun = Promise.withResolvers<void>();
  return {
    runs,
    work: async () => {
      const run = Promise.withResolvers<void>();
      runs.push(run);
      begun.resolve();
      begun = Promise.withResolvers();
      await run.promise;
    },
    begins: () => begun.promise,
  };
}

test('it runs at once, and again after its pause', async () => {
  const twice = Promise.withResolvers<void>();
  let runs = 0;
  const loop = startLoop({ name: 'test', pause: 1, log: silent }, async () => {
    runs += 1;
    if (runs === 2) twice.resolve();
  });
  await twice.promise;
  await loop.close();
  expect(runs).toBe(2);
});

test('woken while it runs, it runs once more, after that and not beside it', async () => {
  const { runs, work, begins } = controlled();
  const loop = startLoop({ name: 'test', pause: hour, log: silent }, work);
  expect(runs).toHaveLength(1);
  for (let times = 0; times < 5; times += 1) loop.wake();
  expect(runs).toHaveLength(1);

  const second = begins();
  runs[0]?.resolve();
  await second;
  expect(runs).toHaveLength(2);
  const closed = loop.close();
  runs[1]?.resolve();
  await closed;
  expect(runs).toHaveLength(2);
});

test('closing tells the run that has begun, and waits for it', async () => {
  const order: string[] = [];
  const loop = startLoop({ name: 'test', pause: hour, log: silent }, async (closing) => {
    await new Promise((resolve) => closing.addEventListener('abort', resolve));
    order.push('run over');
  });
  await loop.close();
  order.push('closed');
  expect(order).toEqual(['run over', 'closed']);
});

test('a run that fails is logged once however often it does, and the next one comes', async () => {
  const lines: string[] = [];
  const log = pino({ base: null }, { write: (line: string) => void lines.push(line) });
  const recovered = Promise.withResolvers<void>();
  let runs = 0;
  const loop = startLoop({ name: 'test', pause: 1, log }, async () => {
    runs += 1;
    if (runs <= 3) throw new Error('no');
    if (runs === 5) recovered.resolve();
  });
  await recovered.promise;
  await loop.close();
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
    'a background run failed',
    'a background run works again',
  ]);
});
