import { expect, test } from 'vitest';
import { ask } from '../../src/cli/prompts.ts';
import { down, enter, escape, space, type Step, terminalOf } from './support/terminal.ts';

const answer = (known: Parameters<typeof ask>[0], script: readonly Step[]) =>
  ask(known, terminalOf(script));

test('everything is asked that is not known, and nothing else', async () => {
  const asked = await answer({ folder: 'shop', answers: { name: 'shop', git: false } }, [
    ['Tier', down, enter],
    ['Features', enter],
    ['Package manager', enter],
    ['Install the dependencies?', enter],
    ['Is this right?', enter],
  ]);
  expect(asked).toEqual({
    folder: 'shop',
    answers: {
      domains: [],
      name: 'shop',
      tier: 'professional',
      features: [],
      without: [],
      packageManager: 'npm',
      git: false,
      install: true,
    },
  });
});

test('the folder is asked for when it was not given', async () => {
  const known = { tier: 'starter', features: [], packageManager: 'npm', git: true } as const;
  const answers = { ...known, features: [], install: false };
  const asked = await answer({ folder: undefined, answers }, [
    ['What is the project called?', 'my-shop', enter],
    ['Is this right?', enter],
  ]);
  expect(asked).toMatchObject({ folder: 'my-shop', answers: { name: 'my-shop' } });
});

test('a feature of the tier that is unticked is left out, by name', async () => {
  const known = { name: 'a', tier: 'professional', packageManager: 'npm' } as const;
  const asked = await answer({ folder: 'a', answers: { ...known, git: true, install: true } }, [
    ['Features', space, enter],
    ['Is this right?', enter],
  ]);
  expect(asked.answers).toMatchObject({ features: [], without: ['billing'] });
});

test('at the end each answer can be changed', async () => {
  const known = { name: 'a', tier: 'starter', packageManager: 'npm', without: [] } as const;
  const answers = { ...known, without: [], features: [], git: true, install: true };
  const asked = await answer({ folder: 'a', answers }, [
    ['Is this right?', down, enter],
    ['Tier', down, enter],
    ['Is this right?', enter],
  ]);
  expect(asked.answers.tier).toBe('professional');
});

test('whoever leaves is told that nothing was written, with exit code 130', async () => {
  const leaving = answer({ folder: 'a', answers: { name: 'a' } }, [['Tier', escape]]);
  await expect(leaving).rejects.toMatchObject({ exitCode: 130, code: 'cancelled' });
});
