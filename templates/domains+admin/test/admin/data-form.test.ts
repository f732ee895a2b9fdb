// How values are typed into forms, and what comes of that.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { dataForm } from '#app/domains/admin/data/form.ts';
import * as input from '#app/domains/admin/data/inputs.ts';
import { day, moment } from '#app/http/wire.ts';

const Marble = z.strictObject({
  color: z.string().trim().min(1).max(255),
  story: z.string(),
  weight: z.number(),
  scratches: z.int(),
  lost: z.boolean(),
  found: z.boolean().nullish(),
  bought: day.nullish(),
  polishedAt: moment.nullish(),
  kind: z.enum(['small', 'big']),
});

const form = dataForm(Marble, {
  color: input.text('Color'),
  story: input.longText('Story'),
  weight: input.number('Weight'),
  scratches: input.number('Scratches', '1'),
  lost: input.checkbox('Lost'),
  found: input.optional(input.yesOrNo('Found')),
  bought: input.optional(input.day('Bought')),
  polishedAt: input.optional(input.moment('Polished at')),
  kind: input.choice('Kind', Marble.shape.kind.options),
});

const full = {
  color: 'green',
  story: 'Once\n\nagain',
  weight: 0.1,
  scratches: -3,
  lost: true,
  found: false,
  bought: '2026-02-28',
  polishedAt: new Date('2026-02-28T09:30:05.007Z'),
  kind: 'big' as const,
};
const bare = { ...full, lost: false, found: null, bought: null, polishedAt: null, story: '' };

const accountId = 'someone@example.com';

/** As a browser sends a form: no box that is not ticked, and line breaks as CR LF. */
function sent(row: typeof full | typeof bare): Record<string, string> {
  const texts = Object.entries(form.textOf(row)).filter(
    ([name, text]) => form.fields[name]?.kind !== 'checkbox' || text === 'on',
  );
  return Object.fromEntries(texts.map(([name, text]) => [name, text.replaceAll('\n', '\r\n')]));
}

test.for([full, bare])('what a form shows of a row is sent back as the same values', (row) => {
  expect(form.created.parse({ ...sent(row), accountId })).toEqual({ accountId, values: row });
  const updatedAt = new Date('2026-01-01T00:00:00.001Z');
  expect(form.changed.parse({ ...sent(row), updatedAt: updatedAt.toISOString() })).toEqual({
    updatedAt,
    values: row,
  });
});

test('a moment is typed in UTC, to the minute or finer', () => {
  const { values } = form.created.parse({
    ...sent(full),
    accountId,
    polishedAt: '2026-02-28T09:30',
  });
  expect(values.polishedAt).toEqual(new Date('2026-02-28T09:30:00Z'));
});

test.for([
  ['color', ' '],
  ['weight', ''],
  ['weight', 'much'],
  ['scratches', '1.5'],
  ['scratches', '9007199254740993'],
  ['found', 'perhaps'],
  ['bought', '2026-02-30'],
  ['polishedAt', 'yesterday'],
  ['kind', 'none of these'],
] as const)('a wrong %s, "%s", is refused by its name', ([name, text]) => {
  const result = form.created.safeParse({ ...sent(full), accountId, [name]: text });
  expect(result.error?.issues.map(({ path }) => path.join('.'))).toEqual([name]);
});

test('what a form sends besides is no value', () => {
  const { values } = form.created.parse({ ...sent(full), accountId, id: 'mine', owner: 'me' });
  expect(values).toEqual(full);
});

test('only what was typed otherwise is changed', () => {
  expect(form.changesOf(full, full)).toEqual({});
  const changed = { lost: false, polishedAt: null, scratches: 4 };
  expect(form.changesOf(full, { ...full, ...changed })).toEqual(changed);
});

test('what an input cannot show is left as it is', () => {
  const odd = { ...full, color: 'green\nand blue', story: 'Once\r\nagain' };
  const { values } = form.created.parse({ ...sent(odd), accountId });
  expect(form.changesOf(odd, values)).toEqual({});
});
