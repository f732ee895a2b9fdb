import { describe, expect, test } from 'vitest';
import { type Budget, budgets, spend } from '#app/domains/auth/sign-in/budgets.ts';

const all: [string, Budget][] = [];
for (const [kind, { subject, range }] of Object.entries(budgets)) {
  all.push([`${kind}, subject`, subject]);
  if (range !== undefined) all.push([`${kind}, range`, range]);
}

describe.for(all)('%s', ([, budget]) => {
  test('the first attempts are free, each further one waits twice as long, up to a limit', () => {
    const delays: number[] = [];
    let used = 0;
    for (let turn = 0; turn < budget.free + 20; turn += 1) {
      const spent = spend(budget, { used, idle: 0 });
      delays.push(spent.delay);
      used = spent.used;
    }
    expect(delays.slice(0, budget.free - 1)).toEqual(
      Array.from({ length: budget.free - 1 }, () => 0),
    );
    expect(delays.slice(budget.free - 1, budget.free + 2)).toEqual([
      budget.firstDelay,
      budget.firstDelay * 2,
      budget.firstDelay * 4,
    ]);
    expect(Math.max(...delays)).toBe(budget.longestDelay);
  });

  test('who waits as long as told gets on for ever, and whose attempts are forgotten starts anew', () => {
    let used = 0;
    let delay = 0;
    let waited = 0;
    for (let turn = 0; turn < 1000; turn += 1) {
      ({ used, delay } = spend(budget, { used, idle: delay }));
      waited = Math.max(waited, delay);
    }
    expect(waited).toBeLessThanOrEqual(budget.longestDelay);
    expect(spend(budget, { used, idle: used * budget.refill })).toEqual({ used: 1, delay: 0 });
    // What is pruned after a day is forgotten by then.
    expect(used * budget.refill).toBeLessThan(24 * 60 * 60);
  });
});

test.for([
  ['password', 120],
  ['device', 120],
  ['code', 36],
] as const)('guesses in a day: of kind %s fewer than %i', ([kind, limit]) => {
  let time = 0;
  let used = 0;
  let delay = 0;
  let guesses = 0;
  while (time < 24 * 60 * 60) {
    ({ used, delay } = spend(budgets[kind].subject, { used, idle: delay }));
    time += Math.max(delay, 0.01);
    guesses += 1;
  }
  expect(guesses).toBeLessThan(limit);
});
