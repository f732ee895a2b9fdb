import { expect, test } from 'vitest';
import { decide, prepare } from '#app/domains/flags/decide.ts';
import { FlagSettings } from '#app/domains/flags/flag-settings.ts';

const nothing: FlagSettings = { state: 'off', percentage: 0, on: [], off: [] };
const share = (name: string, percentage: number) =>
  prepare(name, { ...nothing, state: 'percentage', percentage });

const many = 5000;
const numbers = Array.from({ length: many }, (_, index) => index);
/** Ids as services have them, and as alike as they come. */
const subjects = {
  numbers: numbers.map(String),
  uuids: numbers.map((n) => `01930f5e-0000-7000-8000-${n.toString(16).padStart(12, '0')}`),
  addresses: numbers.map((n) => `user${n}@example.com`),
};

/** Of the first ids, 1 for each that is within half. */
const withinHalf = (name: string): string =>
  subjects.uuids
    .slice(0, 16)
    .map((id) => (decide(share(name, 50), id).isOn ? 1 : 0))
    .join('');

test('who is within a share stays there: these have always been', () => {
  expect(withinHalf('newEditor')).toBe('0110100101001001');
  expect(withinHalf('newReports')).toBe('1001010100100100');
});

test.each(Object.entries(subjects))('a share of %s is as large as it says', (_kind, ids) => {
  // How many each percent adds: chi-squared with 99 degrees of freedom, which chance alone brings
  // above 180 once in a million times.
  const sizes = Array.from({ length: 101 }, (_, percentage) => {
    const flag = share('newEditor', percentage);
    return ids.filter((id) => decide(flag, id).isOn).length;
  });
  const expected = many / 100;
  const distance = sizes
    .slice(1)
    .map((size, index) => (size - (sizes[index] ?? 0) - expected) ** 2 / expected)
    .reduce((sum, each) => sum + each, 0);
  expect([sizes[0], sizes[100]]).toEqual([0, many]);
  expect(distance).toBeLessThan(180);
});

test.each(Object.entries(subjects))('a larger share of %s keeps the smaller', (_kind, ids) => {
  for (const [less, more] of [
    [0, 1],
    [1, 2],
    [10, 25],
    [50, 99],
    [99, 100],
  ] as const) {
    const [small, large] = [share('newEditor', less), share('newEditor', more)];
    const lost = ids.filter((id) => decide(small, id).isOn && !decide(large, id).isOn);
    expect(lost).toEqual([]);
  }
});

test.each(Object.entries(subjects))('two flags share out %s independently', (_kind, ids) => {
  // Names that differ by little, or by what a weak hash would lose.
  const names = ['editor1', 'editor2', 'editor3', '1editor', 'a', 'b', 'ab', 'ba'];
  const flags = names.map((name) => share(name, 50));
  const pairs = flags.flatMap((one, at) => flags.slice(at + 1).map((other) => [one, other]));
  const both = pairs.map(([one, other]) => {
    if (one === undefined || other === undefined) throw new Error('There is no such pair');
    return ids.filter((id) => decide(one, id).isOn && decide(other, id).isOn).length;
  });
  // A quarter, and five times what chance lets it be off by.
  const [quarter, off] = [many / 4, 5 * Math.sqrt(many * (1 / 4) * (3 / 4))];
  for (const count of both) expect(Math.abs(count - quarter)).toBeLessThan(off);
});

test('the lists win, then what holds for all, then the share', () => {
  const lists = { on: ['listed on'], off: ['listed off'] };
  const answers = (settings: Partial<FlagSettings>) => {
    const flag = prepare('newEditor', { ...nothing, ...lists, ...settings });
    return ['listed on', 'listed off', 'other'].map((subject) => decide(flag, subject).isOn);
  };
  expect(answers({ state: 'off', percentage: 100 })).toEqual([true, false, false]);
  expect(answers({ state: 'on', percentage: 0 })).toEqual([true, false, true]);
  expect(answers({ state: 'percentage', percentage: 0 })).toEqual([true, false, false]);
  expect(answers({ state: 'percentage', percentage: 100 })).toEqual([true, false, true]);
  expect(answers({ state: 'on', on: ['listed off'] })).toEqual([true, false, true]);
});

test('who is not listed is not taken for somebody of the same hash who is', () => {
  // The first two of these addresses that have one.
  const [listed, other] = ['user69549@example.com', 'user600412@example.com'];
  const flag = prepare('newEditor', { ...nothing, on: [listed] });
  expect([decide(flag, listed).isOn, decide(flag, other).isOn]).toEqual([true, false]);
});

test('the reason is told', () => {
  const flag = prepare('newEditor', { ...nothing, on: ['one'], off: ['two'] });
  expect(decide(flag, 'one').reason).toBe('it is on the list of those for which it is on');
  expect(decide(flag, 'two').reason).toBe('it is on the list of those for which it is off');
  expect(decide(flag, 'three').reason).toBe('the flag is off');
  expect(decide(share('newEditor', 0), 'three').reason).toBe('it is not within the share');
  expect(decide(share('newEditor', 100), 'three').reason).toBe('it is within the share');
});

const parse = (on: string[], off: string[] = []) => FlagSettings.safeParse({ ...nothing, on, off });
const problem = (result: ReturnType<typeof parse>) =>
  result.error?.issues.map(({ path, message }) => [path.join('.'), message]);

test('lists are trimmed, hold each once, and have an end', () => {
  expect(parse([' one ', 'one', '', 'two\r']).data?.on).toEqual(['one', 'two']);
  const full = subjects.numbers.slice(0, 1000);
  expect(parse([...full, '0', ' 1 ']).data?.on).toHaveLength(1000);
  expect(problem(parse([...full, 'one more']))).toEqual([['on', 'At most 1000 can be on a list.']]);
  expect(problem(parse([], ['x'.repeat(101)]))).toEqual([
    ['off', 'Each has at most 100 characters.'],
  ]);
  const long = Array.from({ length: 1000 }, (_, index) => `${index}`.padStart(50, 'x'));
  expect(problem(parse(long))?.map(([path]) => path)).toEqual(['on']);
  expect(problem(parse(['one'], [' one']))).toEqual([
    ['off', 'One of these is on the other list too.'],
  ]);
});
