// What every store of limits promises.
import { expect, test } from 'vitest';
import type { Bucket, Store, Untold } from '#app/platform/limits/store.ts';
import { admittedIn, newBucket } from './buckets.ts';

/** By a process that had spent nothing before. */
const spent = (points: number): Untold => ({ points, own: points });

/** @param processes gives the store as each of several processes has it */
export function testStoreContract(processes: () => readonly Store[]): void {
  const first = (): Store => {
    const [store] = processes();
    if (store === undefined) throw new Error('There is no process');
    return store;
  };
  const usedOf = async (bucket: Bucket) => {
    const { windows } = await first().spend([{ ...bucket, points: 0 }]);
    return windows[0]?.used;
  };

  test('of many calls at once, in several processes, exactly as many are admitted as there are points', async () => {
    const bucket = newBucket({ points: 25 });
    const calls = processes().flatMap((store) =>
      Array.from({ length: 20 }, () => store.spend([bucket])),
    );
    expect(admittedIn(await Promise.all(calls))).toBe(25);
    expect(await usedOf(bucket)).toBe(25);
  });

  test('a window begins with the first call, and is the same one until it ends', async () => {
    const bucket = newBucket({ points: 2, per: 100 });
    const answers = [];
    for (const store of [first(), ...processes()]) answers.push(await store.spend([bucket]));
    const windows = answers.flatMap((answer) => answer.windows);
    expect(answers.map(({ admitted }) => admitted).slice(0, 3)).toEqual([true, true, false]);
    expect(windows.map(({ used }) => used).slice(0, 3)).toEqual([1, 2, 2]);
    expect(new Set(windows.map(({ id }) => id)).size).toBe(1);
    expect(windows[0]?.left).toBe(100_000);
    for (const { left } of windows) expect(left).toBeLessThanOrEqual(100_000);
  });

  test('when it has ended, all is there again', async () => {
    const bucket = newBucket({ points: 1 });
    await first().add(bucket.key, spent(1), 200);
    await expect
      .poll(async () => (await first().spend([bucket])).admitted, { timeout: 10_000 })
      .toBe(true);
    const { admitted, windows } = await first().spend([bucket]);
    expect([admitted, windows[0]?.used]).toEqual([false, 1]);
    expect(windows[0]?.left).toBeGreaterThan(30_000);
  });

  test('a call costs its points, and one that is refused none', async () => {
    const bucket = newBucket({ points: 10, cost: 4 });
    const answers = [];
    for (let call = 0; call < 3; call += 1) answers.push(await first().spend([bucket]));
    expect(answers.map(({ admitted }) => admitted)).toEqual([true, true, false]);
    expect(answers.at(-1)?.windows[0]?.used).toBe(8);
    expect((await first().spend([{ ...bucket, cost: 2 }])).admitted).toBe(true);
  });

  test('what costs more than there is, is refused, and begins no window', async () => {
    const bucket = newBucket({ points: 3, cost: 4 });
    const { admitted, windows } = await first().spend([bucket]);
    expect([admitted, windows[0]?.used, windows[0]?.left]).toEqual([false, 0, 60_000]);
  });

  test('of several buckets all are spent of, or none', async () => {
    const [wide, narrow] = [newBucket({ points: 30 }), newBucket({ points: 20 })];
    const both = (turn: number) => (turn % 2 === 0 ? [wide, narrow] : [narrow, wide]);
    const calls = processes().flatMap((store) =>
      Array.from({ length: 10 }, (_, turn) => store.spend(both(turn))),
    );
    expect(admittedIn(await Promise.all(calls))).toBe(20);
    expect([await usedOf(wide), await usedOf(narrow)]).toEqual([20, 20]);

    const { admitted, windows } = await first().spend([wide, narrow]);
    expect([admitted, ...windows.map(({ used }) => used)]).toEqual([false, 20, 20]);
  });

  test('what was spent elsewhere is added to the window that runs, room or not', async () => {
    const bucket = newBucket({ points: 10 });
    await first().spend([bucket]);
    const untold = (store: Store) => ({ points: 4, own: store === first() ? 5 : 4 });
    await Promise.all(processes().map((store) => store.add(bucket.key, untold(store), 1000)));
    const { admitted, windows } = await first().spend([bucket]);
    expect([admitted, windows[0]?.used]).toEqual([false, 1 + 4 * processes().length]);
    expect(windows[0]?.left).toBeGreaterThan(1000);
  });

  test('where none runs, a window begins that ends with the one elsewhere', async () => {
    const bucket = newBucket({ points: 10 });
    await first().add(bucket.key, spent(9), 30_000);
    const { admitted, windows } = await first().spend([bucket]);
    expect([admitted, windows[0]?.used]).toEqual([true, 10]);
    expect(windows[0]?.left).toBeLessThanOrEqual(30_000);

    const ended = newBucket();
    await first().add(ended.key, spent(5), 1);
    await expect.poll(() => usedOf(ended), { timeout: 10_000 }).toBe(0);
    await first().add(ended.key, spent(3), 30_000);
    expect(await usedOf(ended)).toBe(3);
  });

  test('a window that goes on for more than twice its length is over: a clock was set back', async () => {
    const bucket = newBucket({ points: 10, per: 60 });
    await first().add(bucket.key, spent(10), 118_000);
    expect((await first().spend([bucket])).admitted).toBe(false);

    const stuck = newBucket({ points: 10, per: 60 });
    await first().add(stuck.key, spent(10), 3_600_000);
    const { admitted, windows } = await first().spend([stuck]);
    expect([admitted, windows[0]?.used, windows[0]?.left]).toEqual([true, 1, 60_000]);
    expect(await usedOf(stuck)).toBe(1);
  });
}
