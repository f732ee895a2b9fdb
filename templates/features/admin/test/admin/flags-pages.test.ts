import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { declareFlags } from '../flags/support/declare.ts';
import { useService } from '../support/service.ts';
import { signInOperator, useOperator } from './support/operator.ts';

declareFlags({
  'test-editor': { description: 'An editor for <all> & sundry', subject: 'workspace' },
});
const service = useService();
const operator = useOperator(service);
const page = '/admin/flags/test-editor';
const script = '<script>alert(1)</script>';
const escaped = '&#60;script&#62;alert(1)&#60;/script&#62;';

beforeEach(async () => {
  await service.database.connection.query('DELETE FROM feature_flags');
});

async function revision(): Promise<string> {
  const { body } = await operator.get(page);
  return /name="revision" value="([^"]*)"/.exec(body)?.[1] ?? 'there is none';
}

const off = { state: 'off', percentage: '0', on: '', off: '' };

test('a flag is set on its page, and both pages show how', async () => {
  const description = 'An editor for &#60;all&#62; &#38; sundry';
  expect((await operator.get(page)).body).toContain(description);
  expect((await operator.get('/admin/flags')).body).toContain(description);
  const form = {
    state: 'percentage',
    percentage: '25',
    on: 'one\r\n two \r\n\r\none',
    off: script,
  };
  const set = await operator.post(`${page}/set`, { revision: await revision(), ...form });
  expect([set.status, set.headers.get('location')]).toEqual([303, `${page}?done=set`]);

  const { status, body } = await operator.get(`${page}?done=set`);
  expect(status).toBe(200);
  expect(body).toContain('The flag is set.');
  expect(body).toMatch(/<option value="percentage" selected>/);
  expect(body).toMatch(/<input[^>]*type="number"[^>]*value="25"/s);
  expect(body).toContain('>\none\ntwo</textarea>');
  expect(body).toContain(`>\n${escaped}</textarea>`);
  expect(body).not.toContain(script);
  expect(body).toContain('<time');
  const list = (await operator.get('/admin/flags')).body;
  expect(list).toContain('25 %');
  expect(list).toContain('2 on, 1 off');
});

test('a subject can be checked, and what is asked for is shown as text', async () => {
  const form = { ...off, revision: await revision(), on: `one\n${script}` };
  await operator.post(`${page}/set`, form);
  const ask = async (subject: string) =>
    (await operator.get(`${page}?${new URLSearchParams({ subject }).toString()}`)).body;
  expect(await ask('one')).toMatch(
    /<strong>On<\/strong> for one, because it is on the list of those for which it is on/,
  );
  expect(await ask('two')).toMatch(/<strong>Off<\/strong> for two, because the flag is off/);
  expect(await ask(script)).toContain(`</strong> for ${escaped}, because`);
  expect(await ask(script)).not.toContain(script);
  expect(await ask(' ')).not.toContain('because');
  expect(await ask('one')).toContain('Id of one workspace');
});

test('who saves what somebody else has changed is told, and keeps what was typed', async () => {
  const seen = await revision();
  await operator.post(`${page}/set`, { ...off, revision: seen, state: 'on', on: 'theirs' });
  const mine = { ...off, state: 'percentage', percentage: '40', on: 'mine' };
  const refused = await operator.post(`${page}/set`, { ...mine, revision: seen });
  expect(refused.status).toBe(422);
  expect(refused.body).toContain('The flag was changed since you saw it');
  expect(refused.body).toMatch(/<option value="percentage" selected>/);
  expect(refused.body).toContain('>\nmine</textarea>');
  // What the other has set is there as well.
  expect(refused.body).toMatch(/<dd><span class="state good">On<\/span><\/dd>/);
  expect(refused.body).toMatch(/<summary>1<\/summary>\s*theirs<br/);

  // Having seen that, it can be saved all the same.
  const again = /name="revision" value="([^"]*)"/.exec(refused.body)?.[1] ?? '';
  expect((await operator.post(`${page}/set`, { ...mine, revision: again })).status).toBe(303);
  expect((await operator.get(page)).body).toContain('>\nmine</textarea>');
});

test('what cannot be set is told beside its field, and kept', async () => {
  const wrong = { ...off, revision: await revision(), percentage: '101', on: 'x'.repeat(101) };
  const { status, body } = await operator.post(`${page}/set`, wrong);
  expect(status).toBe(422);
  expect(body).toContain('A whole number from 0 to 100.');
  expect(body).toContain('Each has at most 100 characters.');
  expect(body).toContain(`>\n${wrong.on}</textarea>`);
  expect(await revision()).toBe('');
});

test('who may not change flags sees them, and has no form for it', async () => {
  for (const role of ['support', 'read-only'] as const) {
    const reader = await signInOperator(service, role);
    const { status, body } = await reader.get(page);
    expect(status).toBe(200);
    expect(body).not.toContain(`action="${page}/set"`);
    expect(body).not.toContain('Change</h2>');
    const refused = await reader.post(`${page}/set`, { ...off, revision: '', state: 'on' });
    expect(refused.status).toBe(403);
  }
  expect(await revision()).toBe('');
});

test('a flag that is not declared any more is listed as such, and can be removed', async () => {
  const left = randomUUID();
  await service.database.connection.query(
    `INSERT INTO feature_flags (name, revision, state, percentage, lists)
     VALUES ('gone', ?, 'on', 0, '{"on":["one"],"off":[]}')`,
    [left],
  );
  expect((await operator.get('/admin/flags')).body).toContain('Not declared any more');
  expect((await operator.get('/admin/flags/gone')).status).toBe(404);
  const removed = await operator.post('/admin/flags/remove', { name: 'gone', revision: left });
  expect(removed.status).toBe(303);
  expect((await operator.get('/admin/flags')).body).not.toContain('Not declared any more');
});

test('a name that no flag can have is refused', async () => {
  const form = { name: 'été 😀', revision: randomUUID() };
  expect((await operator.post('/admin/flags/remove', form)).status).toBe(422);
});
