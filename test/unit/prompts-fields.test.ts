import { expect, test } from 'vitest';
import { askFields } from '../../src/cli/prompts-fields.ts';
import { down, enter, escape, space, type Step, terminalOf } from './support/terminal.ts';

const answer = (script: readonly Step[]) =>
  askFields('invoices', ['customers'], terminalOf(script));

test('fields are asked for one by one, until a name is left empty', async () => {
  const fields = await answer([
    ['The first field?', 'number', enter],
    ['What is number?', enter],
    ['Is number any of these?', down, space, enter],
    ['The next field?', 'customer', enter],
    ['What is customer?', ...Array.from({ length: 11 }, () => down), enter],
    ['Which domain does customer refer to?', enter],
    ['Is customer any of these?', space, enter],
    ['The next field?', enter],
  ]);
  expect(fields).toEqual([
    { name: 'number', type: 'string', unique: true },
    { name: 'customer', type: 'ref', target: 'customers', optional: true },
  ]);
});

test('no field at all is the one that a domain has by default', async () => {
  expect(await answer([['The first field?', enter]])).toEqual([{ name: 'name', type: 'string' }]);
});

test('who leaves cancels, and nothing is written', async () => {
  await expect(answer([['The first field?', escape]])).rejects.toMatchObject({
    exitCode: 130,
    message: 'Cancelled: nothing was written.',
  });
});
