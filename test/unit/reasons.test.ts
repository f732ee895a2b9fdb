// Why features come or go that nobody named: found, and told to readers and programs alike.
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ProjectAnswers } from '../../src/catalog/answers.ts';
import { reasonLine, type Reason } from '../../src/catalog/reason.ts';
import { reasonsBetween } from '../../src/catalog/resolve.ts';
import { Output } from '../../src/cli/output.ts';
import { reportChange } from '../../src/cli/report-change.ts';
import { reportCreated } from '../../src/cli/report-create.ts';
import { answersOf, wholeCatalog } from './support/fixtures.ts';

const lines = {
  added: 'redis added [queues needs it]',
  'left out': 'queues left out [it needs redis]',
  removed: 'redis removed [only queues needed it]',
};

const reasons: readonly Reason[] = [
  { feature: 'redis', outcome: 'added', cause: 'queues' },
  { feature: 'queues', outcome: 'left out', cause: 'redis' },
  { feature: 'redis', outcome: 'removed', cause: 'queues' },
];

test.each(reasons)('$feature is $outcome, in one line', (reason) => {
  expect(reasonLine(reason)).toBe(lines[reason.outcome]);
});

describe('between two answers', () => {
  const none = answersOf();
  const queues = answersOf({ features: ['queues'] });
  const more = answersOf({ features: ['queues', 'email'] });
  const both = answersOf({ features: ['queues', 'redis'] });
  const all = answersOf({ tier: 'professional' });
  const less = { ...all, without: ['redis'] };

  test.each<[string, ProjectAnswers, ProjectAnswers, string[]]>([
    ['a feature brings what it needs', none, queues, [lines.added]],
    ['a feature takes along what only it needed', queues, none, [lines.removed]],
    ['what stays for the same sake is not told again', queues, more, []],
    ['what was named goes without a reason', both, none, []],
    ['what is named now stays without a reason', queues, both, []],
    ['what cannot be had is left out', all, less, [lines['left out']]],
    ['what was left out before is not told again', less, { ...less, features: ['ci'] }, []],
  ])('%s', (_, before, after, expected) => {
    expect(reasonsBetween(before, after, wholeCatalog).map(reasonLine)).toEqual(expected);
  });
});

describe('a report', () => {
  const about = { dryRun: false, milliseconds: 1, cwd: '/' };
  const answers = answersOf();
  const created = {
    folder: '/my-app',
    answers: { ...answers, git: false, install: false },
    features: [],
    reasons,
    files: [],
    git: { state: 'skipped', reason: 'not asked for' },
    install: { state: 'skipped' },
    migrations: [],
  } as const;
  const changed = {
    folder: '/my-app',
    answers,
    changes: [],
    conflicts: [],
    notes: [],
    reasons,
    migration: { written: [], losses: [] },
    packages: { state: 'same' },
    undo: 'git',
    blocked: false,
    written: false,
  } as const;

  afterEach(() => {
    vi.restoreAllMocks();
  });

  test.each([
    ['creation', (output: Output) => reportCreated(created, output, about)],
    ['change', (output: Output) => reportChange(changed, output, about)],
  ])('of a %s tells reasons in the same lines, printed and as JSON', (_, report) => {
    const told = Object.values(lines);
    expect(written(() => report(new Output(false))).split('\n')).toEqual(
      expect.arrayContaining(told),
    );
    expect(JSON.parse(written(() => report(new Output(true))))).toMatchObject({ reasons: told });
  });
});

/** What goes to standard output. */
function written(print: () => void): string {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  print();
  const text = write.mock.calls.map(([chunk]) => String(chunk)).join('');
  write.mockRestore();
  return text;
}
