import { describe, expect, test } from 'vitest';
import { type Budget, budgets, spend } from '#app/domains/auth/sign-in/budgets.ts';
import { randomFrom } from './support/bad-input.ts';

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
    let state = { used: 0, idle: 0, delay: 0 };
    let waited = 0;
    for (let turn = 0; turn < 1000; turn += 1) {
      state = spend(budget, { used: state.used, idle: state.idle + state.delay });
      waited = Math.max(waited, state.delay);
    }
    const { used } = state;
    expect(waited).toBeLessThanOrEqual(budget.longestDelay);
    expect(spend(budget, { used, idle: used * budget.refill + 1 })).toEqual({
      used: 1,
      idle: 0,
      delay: 0,
    });
    // What is pruned after a day is forgotten by then.
    expect(used * budget.refill).toBeLessThan(24 * 60 * 60);
  });

  test('one is forgotten for each refill that passes, however many attempts divide the time', () => {
    const random = randomFrom(20_260_102);
    for (let run = 0; run < 50; run += 1) {
      // So many that it is never empty in between: then nothing but time and attempts count.
      const [before, attempts] = [1000, 1 + random.below(200)];
      let state = { used: before, idle: 0 };
      let passed = 0;
      for (let turn = 0; turn < attempts; turn += 1) {
        const pause = random.below(budget.refill * 3000) / 1000;
        passed += pause;
        state = spend(budget, { used: state.used, idle: state.idle + pause });
        expect(state.idle).toBeLessThan(budget.refill);
      }
      const counted = before + attempts - state.used;
      expect(counted).toBe(Math.floor((passed + 1e-6) / budget.refill));
    }
  });
});

test.for([
  ['password', 120],
  ['device', 120],
  ['code', 36],
  ['deviceCodes', 42],
] as const)('guesses in a day: of kind %s fewer than %i', ([kind, limit]) => {
  let time = 0;
  let state = { used: 0, idle: 0, delay: 0 };
  let guesses = 0;
  while (time < 24 * 60 * 60) {
    state = spend(budgets[kind].subject, { used: state.used, idle: state.idle + state.delay });
    time += Math.max(state.delay, 0.01);
    guesses += 1;
  }
  expect(guesses).toBeLessThan(limit);
});

test('an office in which somebody signs in every 8 seconds, and one in 20 mistypes, never waits', () => {
  let state = { used: 0, idle: 0 };
  for (let turn = 1; turn <= 24 * 450; turn += 1) {
    const { used, idle, delay } = spend(budgets.password.range, state);
    expect(delay).toBe(0);
    const wasRight = turn % 20 !== 0;
    state = { used: wasRight ? used - 1 : used, idle: idle + 8 };
  }
});
