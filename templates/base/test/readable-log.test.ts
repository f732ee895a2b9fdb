import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { readable } from '../dev/readable-log.ts';

const plain = (line: string) => stripVTControlCharacters(readable(line));
const time = '2026-01-02T03:04:05.678Z';

test('a request is shown on one line, with its id', () => {
  const line = { level: 'info', time, method: 'GET', path: '/x', status: 200, durationMs: 1.5 };
  expect(plain(JSON.stringify({ ...line, requestId: 'an-id', msg: 'request' }))).toMatch(
    /^\d\d:\d\d:\d\d GET \/x 200 1\.5 ms an-id$/,
  );
});

test('an error is shown whole', () => {
  const err = { type: 'Error', message: 'no', stack: ['at here'] };
  const shown = plain(JSON.stringify({ level: 'error', time, err, msg: 'failed' }));
  expect(shown).toContain('failed');
  expect(shown).toContain('at here');
});

test('what is no log line stays as it is', () => {
  for (const line of ['hello', '{"half":', '42', '{"a":1}']) expect(plain(line)).toBe(line);
});
