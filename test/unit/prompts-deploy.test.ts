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

test('whoever leaves is told that nothing was written, with exit code 130', async () => {
  const leaving = askTarget(answersOf(), undefined, {}, terminalOf([['Target', escape]]));
  await expect(leaving).rejects.toMatchObject({ exitCode: 130, code: 'cancelled' });
});
