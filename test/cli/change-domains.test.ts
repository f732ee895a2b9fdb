import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ProjectAnswers } from '../../src/catalog/answers.ts';
import type { Domain } from '../../src/catalog/domains/fields.ts';
import { parseFields } from '../../src/catalog/domains/parse-fields.ts';
import { catalog, offeredIn } from '../../src/catalog/features.ts';
import { requirementsOf, resolve } from '../../src/catalog/resolve.ts';
import { answersWith, answersWithout } from '../../src/commands/add.ts';
import { tablesOfFeatures } from '../../src/commands/features.ts';
import { answersWithDomain, answersWithoutDomain, hasAdmin } from '../../src/commands/domains.ts';
import { countOf, seed } from '../../scripts/lib/counts.ts';
import { randomFrom } from '../../scripts/lib/random.ts';
import { templates } from '../unit/support/combinations.ts';
import { answersOf } from '../unit/support/fixtures.ts';
import { change, contentOf, projectOf, read } from './support/changed.ts';

const domains = [
  {
    name: 'customers',
    fields: parseFields('name:string,email:email:unique'),
    admin: true as const,
  },
  { name: 'invoices', fields: parseFields('total:money,customer:ref(customers)') },
  { name: 'line-items', fields: parseFields('text:text,invoice:ref(invoices)?,kind:enum(a|b)') },
  { name: 'tickets', fields: parseFields('title:string,parent:ref(tickets)?,due:date?') },
];
const features = offeredIn(catalog).map(({ name }) => name);
const surroundings = [
  answersOf(),
  answersOf({ without: ['admin'] }),
  answersWith(answersOf(), { features }),
];
const retiredLine = "export * from './retired.ts';\n";

test.each(surroundings)(
  'a domain, added and removed, leaves every file as it was (%#)',
  async (before) => {
    const folder = projectOf(before);
    const standing = contentOf(folder);
    const admin = hasAdmin(before) && { admin: true as const };
    const customers = { name: 'customers', fields: parseFields('name:string'), ...admin };
    await change(folder, answersWithDomain(before, customers));
    await change(folder, before);
    const schema = standing['src/database/schema.ts'] ?? '';
    // As long as its rows stay, so does its table.
    expect(contentOf(folder)).toEqual({
      ...standing,
      'src/database/schema.ts': schema + retiredLine,
    });

    await change(folder, answersWithDomain(before, customers));
    await change(folder, before, { dropTables: true });
    expect(contentOf(folder)).toEqual(standing);
  },
);

test('domains and features, come and gone by many commands, are what generating at once gives', async () => {
  const random = randomFrom(seed());
  let answers = answersOf();
  let kept: Domain[] = [];
  const folder = projectOf(answers);
  for (let step = 0; step < countOf('RUNS') / 5; step++) {
    const before = answers;
    answers = nextAnswers(before, random());
    const gone = before.domains.filter(({ name }) => !has(answers, name));
    kept = kept.filter(({ name }) => !has(answers, name));
    // A table to which one that was kept refers cannot go.
    const isRefused = gone.some(({ name }) => kept.some(refersTo(name)));
    if (isRefused) await expectDropRefused(folder, answers);
    const dropTables = step % 2 === 0 && !isRefused;
    const left = resolve(before).features.filter(
      (name) => !resolve(answers).features.includes(name),
    );
    const dropRetired = dropTables ? tablesOfFeatures(left, templates) : [];
    const result = await change(folder, answers, { dropTables, dropRetired });
    if (!dropTables) kept.push(...gone);
    expect(result.conflicts).toEqual([]);
    expect(result.notes).toEqual([]);
  }
  const made = contentOf(folder);
  const schema = (made['src/database/schema.ts'] ?? '').replace(retiredLine, '');
  expect({ ...made, 'src/database/schema.ts': schema }).toEqual(contentOf(projectOf(answers)));
}, 600_000);

test('the same domain again changes nothing, and with other fields is refused', () => {
  const [customers] = domains;
  if (customers === undefined) throw new Error('There are no domains.');
  const answers = answersWithDomain(answersOf(), customers);
  expect(answersWithDomain(answers, customers)).toBe(answers);
  const other = { name: 'customers', fields: parseFields('name:text') };
  expect(() => answersWithDomain(answers, other)).toThrow('There is a domain customers already');
});

test('pages in the admin area, given to a domain that is there, are as if given at once', async () => {
  const customers: Domain = { name: 'customers', fields: parseFields('name:string') };
  const plain = answersWithDomain(answersOf(), customers);
  const paged = answersWithDomain(plain, { ...customers, admin: true });
  expect(answersWithDomain(paged, customers)).toBe(paged);
  expect(paged).toEqual(answersWithDomain(answersOf(), { ...customers, admin: true }));
  const folder = projectOf(plain);
  const { migration } = await change(folder, paged);
  expect(migration.written).toEqual([]);
  expect(contentOf(folder)).toEqual(contentOf(projectOf(paged)));
});

test('pages in the admin area go and come back with that', async () => {
  const customers: Domain = { name: 'customers', fields: parseFields('name:string'), admin: true };
  const paged = answersWithDomain(answersOf(), customers);
  const folder = projectOf(paged);
  const standing = contentOf(folder);
  await change(folder, answersWithout(paged, ['admin']), { dropTables: true });
  expect(Object.keys(contentOf(folder)).filter((path) => path.includes('admin'))).toEqual([]);
  await change(folder, paged);
  expect(contentOf(folder)).toEqual(standing);
});

test('pages in an admin area that is not there are refused', () => {
  const customers: Domain = { name: 'customers', fields: parseFields('name:string'), admin: true };
  const without = answersOf({ without: ['admin'] });
  expect(() => answersWithDomain(without, customers)).toThrow(
    'add-domain --admin needs the feature admin: shipkit add admin',
  );
});

test('a folder of a domain that its owner took away is no obstacle to its removal', async () => {
  const customers = { name: 'customers', fields: parseFields('name:string') };
  const answers = answersWithDomain(answersOf(), customers);
  const folder = projectOf(answers);
  rmSync(join(folder, 'src/domains/customers'), { recursive: true });
  const result = await change(folder, answersOf());
  expect(result.conflicts).toEqual([]);
  expect(read(folder, 'src/domains/index.ts')).not.toContain('customers');
});

async function expectDropRefused(folder: string, answers: ProjectAnswers): Promise<void> {
  const refused = change(folder, answers, { dropTables: true });
  await expect(refused).rejects.toThrow('has a table that refers to it');
}

/** A feature, and those of the project that cannot do without it. */
function withThoseThatNeed(name: string, answers: ProjectAnswers): string[] {
  const needing = resolve(answers).features.filter((other) =>
    requirementsOf(other, catalog).includes(name),
  );
  return [name, ...needing];
}

const has = (answers: ProjectAnswers, domain: string) =>
  answers.domains.some(({ name }) => name === domain);

const refersTo = (name: string) => (domain: Domain) =>
  domain.fields.some(({ target }) => target === name && target !== domain.name);

/** As the project can have it: with pages in the admin area only where it has one. */
function hadBy(answers: ProjectAnswers, { admin, ...domain }: Domain): Domain {
  return { ...domain, ...(admin === true && hasAdmin(answers) && { admin }) };
}

/** Adds or removes something that can be. */
function nextAnswers(answers: ProjectAnswers, random: number) {
  const names = new Set(answers.domains.map(({ name }) => name));
  const targets = new Set(
    answers.domains.flatMap(({ name, fields }) =>
      fields.flatMap(({ target }) => (target === undefined || target === name ? [] : [target])),
    ),
  );
  const addable = domains.filter(
    ({ name, fields }) =>
      !names.has(name) &&
      fields.every(({ target }) => target === undefined || target === name || names.has(target)),
  );
  const removable = answers.domains.filter(({ name }) => !targets.has(name));
  const moves = [
    ...addable.map((domain) => () => answersWithDomain(answers, hadBy(answers, domain))),
    ...answers.domains
      .filter(({ admin }) => hasAdmin(answers) && admin !== true)
      .map((domain) => () => answersWithDomain(answers, { ...domain, admin: true })),
    ...removable.map(
      ({ name }) =>
        () =>
          answersWithoutDomain(answers, name).answers,
    ),
    ...features.map(
      (name) => () =>
        resolve(answers).features.includes(name)
          ? answersWithout(answers, withThoseThatNeed(name, answers))
          : answersWith(answers, { features: [name] }),
    ),
  ];
  return moves[Math.floor(random * moves.length)]?.() ?? answers;
}
