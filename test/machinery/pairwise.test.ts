import { expect, test } from 'vitest';

import { choices } from '../projects/support/choices.ts';
import { pairwise } from '../projects/support/pairwise.ts';

const parameters = { a: ['1', '2'], b: ['1', '2', '3'], c: ['1', '2'], d: ['1', '2'] };

test('every two values of two parameters meet in some row', () => {
  const rows = pairwise(parameters);
  for (const [first, ones] of Object.entries(parameters)) {
    for (const [second, others] of Object.entries(parameters)) {
      if (first === second) continue;
      const wanted = ones.flatMap((one) => others.map((other) => `${one} ${other}`));
      const seen = new Set(rows.map((row) => `${row[first]} ${row[second]}`));
      expect([...seen].toSorted()).toEqual(wanted.toSorted());
    }
  }
});

test('far fewer rows do than there are combinations', () => {
  expect(pairwise(parameters).length).toBeLessThan(10);
});

test('rows that are wanted come first and count', () => {
  const given = { a: '2', b: '3', c: '2', d: '2' };
  const rows = pairwise(parameters, [given]);
  expect(rows[0]).toEqual(given);
  expect(rows).toHaveLength(new Set(rows.map((row) => JSON.stringify(row))).size);
});

test('the projects begin with the richest and the Starter, and both package managers occur', () => {
  const all = choices(100);
  expect(all[0]).toMatchObject({ tier: 'professional', packageManager: 'npm' });
  expect(all[1]).toMatchObject({ tier: 'starter', packageManager: 'npm' });
  expect(new Set(all.map(({ packageManager }) => packageManager))).toEqual(
    new Set(['npm', 'pnpm']),
  );
});
