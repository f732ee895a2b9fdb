import { expect, test } from 'vitest';
import { askTarget } from '../../src/cli/prompts-deploy.ts';
import { answersOf } from './support/fixtures.ts';
import { down, enter, escape, terminalOf } from './support/terminal.ts';

test('the target is asked for, and all about it, with what stands there to be taken', async () => {
  const terminal = terminalOf([
    ['Target', enter],
    ['Domain', 'app.example.com', enter],
    ['User', enter],
    ['Path', enter],
    ['Instances', enter],
    ['Node.js', enter],
    ['Database', down, enter],
  ]);
  expect(await askTarget(answersOf(), undefined, {}, terminal)).toEqual({
    target: 'vps',
    flags: {
      domain: 'app.example.com',
      user: 'my-app',
      path: '/srv/my-app',
      instances: '2',
      node: '24',
      db: 'managed',
    },
  });
});

test('what the project or a flag says is not asked', async () => {
  const answers = answersOf({
    features: ['deploy'],
    deploy: { domain: 'app.example.com', image: { node: '26' }, docker: {} },
  });
  const terminal = terminalOf([['Image', 'registry.example.com/app', enter]]);
  expect(await askTarget(answers, 'kubernetes', { instances: '3' }, terminal)).toEqual({
    target: 'kubernetes',
    flags: { image: 'registry.example.com/app', instances: '3' },
  });
});

test('what cannot be is said at once, and asked again', async () => {
  const answers = answersOf({
    deploy: { image: { name: 'app', node: '24' }, docker: { db: 'local' } },
  });
  const terminal = terminalOf([
    ['Domain', '192.0.2.1', enter],
    ['is an address', '\u0015', 'app.example.com', enter],
  ]);
  const { flags } = await askTarget(answers, 'docker', { instances: '2' }, terminal);
  expect(flags.domain).toBe('app.example.com');
});

test('a flag that cannot be is refused before the first question, or the next', async () => {
  const bad = { domain: '192.0.2.1', instances: '0' };
  const asking = askTarget(answersOf(), undefined, bad, terminalOf([]));
  await expect(asking).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/^--domain: .* is an address.*; --instances: "0" is not/),
  });
  const foreign = askTarget(answersOf(), 'docker', { user: 'shop' }, terminalOf([]));
  await expect(foreign).rejects.toThrow('--user is nothing that docker has');
  const chosen = askTarget(
    answersOf(),
    undefined,
    { image: 'app' },
    terminalOf([['Target', enter]]),
  );
  await expect(chosen).rejects.toThrow('--image is nothing that vps has');
});

test('whoever leaves is told that nothing was written, with exit code 130', async () => {
  const leaving = askTarget(answersOf(), undefined, {}, terminalOf([['Target', escape]]));
  await expect(leaving).rejects.toMatchObject({ exitCode: 130, code: 'cancelled' });
});
