/**
 * Does for many at once what is asked for one by one: a batch is whatever has come while the one
 * before it was under way. One after the other would wait for a round trip each.
 *
 * @param work does it for all; what it throws, each that asked is told
 */
export function inBatches<Item>(
  work: (items: readonly Item[]) => Promise<void>,
): (item: Item) => Promise<void> {
  let waiting: Item[] = [];
  let next: Promise<void> | undefined;
  let current = Promise.resolve();

  async function run(before: Promise<void>): Promise<void> {
    // Of what the one before came to, those that asked for it were told.
    await before.catch(() => undefined);
    const items = waiting;
    waiting = [];
    current = next ?? current;
    next = undefined;
    await work(items);
  }

  return (item) => {
    waiting.push(item);
    next ??= run(current);
    return next;
  };
}
