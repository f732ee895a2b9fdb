import { expect, test } from 'vitest';
import type { ProjectAnswers } from '../../src/catalog/answers.ts';
import { mergeAnswers } from '../../src/project/mend-records.ts';
import { answersOf } from './support/fixtures.ts';

const of = (deploy?: ProjectAnswers['deploy']) =>
  answersOf({ features: ['deploy'], ...(deploy && { deploy }) });

test('two branches that each gave a project a target have both', () => {
  const merged = mergeAnswers({
    common: of(),
    ours: of({ domain: 'app.example.com', vps: {} }),
    theirs: of({ domain: 'app.example.com', docker: { instances: 3 } }),
  });
  expect(merged.deploy).toEqual({ domain: 'app.example.com', vps: {}, docker: { instances: 3 } });
});

test('a target that one branch changed is as that says, and one that it took out is gone', () => {
  const common = of({ domain: 'app.example.com', vps: { instances: 2 }, docker: {} });
  const changed = of({ domain: 'shop.example.com', vps: { instances: 4 } });
  for (const [ours, theirs] of [
    [common, changed],
    [changed, common],
  ] as const) {
    expect(mergeAnswers({ common, ours, theirs })).toEqual(changed);
  }
});

test('without any target there are no settings', () => {
  expect(mergeAnswers({ common: of(), ours: of(), theirs: of() })).not.toHaveProperty('deploy');
});
