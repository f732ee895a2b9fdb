import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { askFields } from '../../src/cli/prompts-fields.ts';

const enter = '\r';
const down = '\u001B[B';
const space = ' ';
const escape = '\u001B';

/** Somebody who answers each question that contains the words with the keys. */
function answer(script: [words: string, ...keys: string[]][]) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input });
  const output = Object.assign(new PassThrough(), { columns: 100, rows: 40, isTTY: true });
  let shown = '';
  const steps = script.values();
  let next = steps.next();
  output.on('data', (chunk: Buffer) => {
    shown += stripVTControlCharacters(String(chunk));
    if (next.done === true || !shown.includes(next.value[0])) return;
    shown = shown.slice(shown.indexOf(next.value[0]) + next.value[0].length);
    const [, ...keys] = next.value;
    next = steps.next();
    // Once the question listens.
    setImmediate(() => {
      for (const key of keys) input.write(key);
    });
  });
  return askFields('invoices', ['customers'], { input, output });
}

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
