import { describe, expect, test } from 'vitest';
import type { ProjectAnswers } from '../../src/catalog/answers.ts';
import { catalog, offeredIn } from '../../src/catalog/features.ts';
import { resolve } from '../../src/catalog/resolve.ts';
import { answersWith, answersWithout } from '../../src/commands/add.ts';
import { kindOf } from '../../src/merge/kinds.ts';
import { countOf, seed } from '../../scripts/lib/counts.ts';
import { combinations } from '../unit/support/combinations.ts';
import { answersOf, wholeCatalog } from '../unit/support/fixtures.ts';
import { change, contentOf, projectOf } from './support/changed.ts';
import { edits, expectKept } from './support/edits.ts';

const offered = offeredIn(catalog).map(({ name }) => name);
const starters = answersOf({ without: [] });
const schema = 'src/database/schema.ts';
const retiredLine = "export * from './retired.ts';\n";

describe('a feature', () => {
  test.each(offered)('%s, added and removed, leaves every file as it was', async (name) => {
    const before = answersWithout(starters, [name]);
    const folder = projectOf(before);
    const standing = contentOf(folder);
    const added = await change(folder, answersWith(before, { features: [name] }));
    expect(added.changes.length).toBeGreaterThan(0);
    expect(resolve(added.answers).features).toContain(name);

    // As long as its rows stay, so do its tables.
    await change(folder, answersWithout(added.answers, [name]));
    expect(withoutRetiredLine(contentOf(folder))).toEqual(standing);
    await change(folder, added.answers);
    expect(withoutRetiredLine(contentOf(folder))).toEqual(contentOf(projectOf(added.answers)));

    await change(folder, answersWithout(added.answers, [name]), { dropTables: true });
    expect(contentOf(folder)).toEqual(standing);
  });

  test.each(offered)(
    '%s, added to a project with edits, is what generating with it and editing gives',
    async (name) => {
      const before = answersWithout(starters, [name]);
      const after = answersWith(before, { features: [name] });
      const [folder, generated] = [projectOf(before), projectOf(after)];
      for (const { make } of edits) {
        make(folder);
        make(generated);
      }
      const standing = contentOf(folder);
      const added = await change(folder, after);
      expect(added.conflicts).toEqual([]);
      for (const made of edits) expectKept(folder, made);
      // A feature may take the place of a table, whose rows stay.
      expect(inAnyOrder(withoutRetiredLine(contentOf(folder)))).toEqual(
        inAnyOrder(contentOf(generated)),
      );

      await change(folder, before);
      expect(withoutRetiredLine(contentOf(folder))).toEqual(standing);
    },
  );

  test.each(offered)('%s is the same whether added or there from the first day', async (name) => {
    const before = answersWithout(starters, [name]);
    const after = answersWith(before, { features: [name] });
    const folder = projectOf(before);
    await change(folder, after);
    // One that takes the place of another's table has that kept.
    expect(withoutRetiredLine(contentOf(folder))).toEqual(contentOf(projectOf(after)));
  });
});

describe(`any answers become any others (SEED=${seed()})`, () => {
  const all = combinations('shop').filter(({ packageManager }) => packageManager === 'npm');
  const pairs = sample(
    all.flatMap((from) => all.map((to) => ({ from, to }))),
    countOf('RUNS') / 10,
  );

  test.each(pairs.map(({ from, to }) => [shown(from), shown(to), from, to] as const))(
    '%s by commands becomes %s',
    async (_from, _to, from, to) => {
      const folder = projectOf(from);
      const more = answersWith(from, { features: resolve(to).features, tier: to.tier });
      await change(folder, more);
      const surplus = resolve(more).features.filter((name) => !resolve(to).features.includes(name));
      const result = await change(folder, answersWithout(more, surplus));
      expect(result.conflicts).toEqual([]);
      expect(withoutRetiredLine(contentOf(folder))).toEqual(contentOf(projectOf(to)));
    },
  );
});

describe('choices', () => {
  const queues = answersWith(answersOf(), { features: ['queues'] }, wholeCatalog);

  test('what is added for its sake is no choice, and goes with it', () => {
    expect(queues.features).toEqual(['queues']);
    expect(resolve(queues, wholeCatalog).features).toContain('redis');
    const without = answersWithout(queues, ['queues'], wholeCatalog);
    expect(resolve(without, wholeCatalog).features).not.toContain('redis');
  });

  test('what another needs is not removed, and both are named', () => {
    expect(() => answersWithout(queues, ['redis'], wholeCatalog)).toThrow(
      'redis cannot be removed, because queues needs it: remove both, with shipkit remove queues redis.',
    );
    const both = answersWithout(queues, ['queues', 'redis'], wholeCatalog);
    expect(both).toEqual(answersOf({ without: both.without }));
  });

  test('what was left out comes back when something needs it', () => {
    const professional = answersOf({ tier: 'professional', without: ['redis', 'queues'] });
    const again = answersWith(professional, { features: ['queues'] }, wholeCatalog);
    expect(again.without).toEqual([]);
    expect(resolve(again, wholeCatalog).features).toEqual(
      expect.arrayContaining(['redis', 'queues']),
    );
  });

  test('another tier takes nothing away', () => {
    const professional = answersWith(answersOf({ features: ['ci'] }), {
      features: [],
      tier: 'professional',
    });
    expect(professional).toMatchObject({ tier: 'professional', features: [] });
    const back = answersWith(professional, { features: [], tier: 'starter' });
    expect(resolve(back).features).toEqual(resolve(professional).features);
  });

  test.each(catalog.filter((one) => !one.offered).map(({ name }) => name))(
    '%s, which has no templates yet, is refused with the reason',
    (name) => {
      expect(() => answersWith(answersOf(), { features: [name] })).toThrow(
        `The feature ${name} is not available in this version`,
      );
    },
  );

  test('an unknown feature is refused with the nearest', () => {
    expect(() => answersWith(answersOf(), { features: ['c1'] })).toThrow(
      'There is no feature "c1"; did you mean ci?',
    );
  });
});

function withoutRetiredLine(content: Record<string, string>): Record<string, string> {
  return { ...content, [schema]: (content[schema] ?? '').replace(retiredLine, '') };
}

/** Lists by their lines: where in them an owner has put theirs decides where another one goes. */
function inAnyOrder(content: Record<string, string>): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(content).map(([path, text]) => [
      path,
      kindOf(path) === 'list' ? text.split('\n').toSorted() : text,
    ]),
  );
}

function shown({ tier, features, without }: ProjectAnswers): string {
  return [tier, ...features.map((name) => `+${name}`), ...without.map((name) => `-${name}`)].join(
    ' ',
  );
}

/** So many, at even distances that the seed shifts. */
function sample<T>(items: readonly T[], count: number): T[] {
  const wanted = Math.min(items.length, Math.ceil(count));
  return Array.from(
    { length: wanted },
    (_, index) => items[(Math.floor((index * items.length) / wanted) + seed()) % items.length],
  ).filter((item) => item !== undefined);
}
