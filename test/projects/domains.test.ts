import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';

import { countOf, seed } from '../../scripts/lib/counts.ts';
import { cleanEnvironment } from '../../scripts/lib/environment.ts';
import { randomDomains } from '../unit/support/domains.ts';
import { subject } from './support/choices.ts';
import { makeFromConfig, makeProject, testServers, type Project } from './support/project.ts';

const related = [
  ['Customer', 'name:string,email:email?:unique,website:url?,vip:boolean,notes:text?'],
  ['category', 'name:string:unique,parent:ref(categories)?'],
  ['products', 'sku:string:unique,price:money,weight:number?,category:ref(categories)?'],
  [
    'invoice',
    'number:integer:unique,due:date?,status:enum(draft|sent|paid),customer:ref(customers)',
  ],
  ['LineItem', 'invoice:ref(invoices),product:ref(products),quantity:integer,price:money'],
  ['payment', 'invoice:ref(invoices):unique,paidAt:datetime,method:enum(card)'],
  ['person', 'email:email:unique,born:date?,manager:ref(people)?'],
  ['equipment', 'label:string,keeper:ref(people)?,boughtAt:datetime?'],
  ['news', 'headline:string,day:date:unique,source:url:unique,author:ref(people)'],
  ['status', 'of:ref(line_items)?,by:ref(people),text:text'],
] as const;

/** Those that have pages in the admin area from the first day; the others get them later. */
const paged = new Set<string>(['Customer', 'invoice', 'LineItem', 'news']);

/** What a domain's own tests have to see. */
const faults = [
  [
    'acts for another account than the one that asks',
    'router.ts',
    'const own = ({ accountId }: Identity) => {',
    "let first = '';\n  const own = ({ accountId: asking }: Identity) => {\n    const accountId = (first ||= asking);",
    "another account's is not found",
  ],
  ['creates again what is sent again', 'router.ts', 'idempotent: true,', '', 'what is sent again'],
  ['lets input say whose it is', 'schemas.ts', '.strictObject(', '.looseObject(', 'whose it is'],
  ['keeps nothing', 'service.ts', 'account.update(', 'account.find(', 'what is changed'],
  ['removes nothing', 'service.ts', 'account.remove(', '!!account.find(', 'what is removed'],
  ['does not filter', 'service.ts', ', query)', ', { ...query, equal: {} })', 'a filter by'],
  [
    'sorts one way only',
    'service.ts',
    ', query)',
    ', { ...query, descending: false })',
    'in either',
  ],
  [
    'does not name what is taken',
    'service.ts',
    '.catch(refused)',
    '',
    'there is one in an account',
  ],
  ['does not name what is missing', 'service.ts', '.catch(refused)', '', 'names what the account'],
  ['forgets a field', 'router.ts', 'number: row.number', 'number: 0', 'what is created'],
] as const;

/** What the tests of a domain's pages have to see. */
const pageFaults = [
  [
    'lets readers change',
    'edit-page.ts',
    "invoices.change'",
    "invoices.read'",
    'who may only read',
  ],
  [
    'lets readers create',
    'create-page.ts',
    "invoices.change'",
    "invoices.read'",
    'who may only read',
  ],
  ['lets readers remove', 'page.ts', "invoices.change'", "invoices.read'", 'who may only read'],
  ['does not ask first', 'page.ts', "confirm: 'Remove it for good',", '', 'once that is agreed to'],
  ['breaks at what is taken', 'edit-page.ts', ', taken', '', 'of another row is refused'],
] as const;

/** Where the account is left out of a statement: one such place is one too many. */
const scopes = [
  ['reads a row', '.where(own(table, eq(table.id, id)));', '.where(eq(table.id, id));'],
  ['lists rows', '.where(own(table, options.where))', '.where(options.where)'],
  [
    'changes a row',
    '.where(own(table, eq(table.id, id), where));',
    '.where(and(eq(table.id, id), where));',
  ],
  [
    'removes a row',
    'queries.delete<OwnedTable>(table).where(own(table, eq(table.id, id)));',
    'queries.delete<OwnedTable>(table).where(eq(table.id, id));',
  ],
] as const;

const withAdmin = [...new Set([...subject.features, 'admin'])];
const isFull = countOf('FULL') > 0;
/** In the quick run one that the seed chooses. */
const chosenScopes = isFull ? scopes : [scopes[seed() % scopes.length] ?? scopes[0]];

describe('ten domains that refer to each other, added one after another', () => {
  let project: Project;

  beforeAll(async () => {
    project = await makeProject({ ...subject, features: withAdmin });
    for (const [name, fields] of related) {
      const admin = paged.has(name) ? ['--admin'] : [];
      await project.shipkit('add-domain', name, '--fields', fields, ...admin);
    }
    for (const name of ['payment', 'person']) await project.shipkit('add-domain', name, '--admin');
  });

  test('have a migration each', () => {
    const migrations = readdirSync(join(project.folder, 'migrations')).filter((name) =>
      name.endsWith('.sql'),
    );
    expect(migrations).toHaveLength(1 + related.length);
  });

  test.for(['typecheck', 'lint', 'format:check'])('pass %s', async (script) => {
    const { exitCode, all } = await project.run(script);
    expect(exitCode, all).toBe(0);
  });

  test("pass their own tests, and leave the project's to pass", async () => {
    // The quick run has those of the project's that enumerate routes, tables or files.
    const quick = [
      ...domainsOf(project),
      'lists',
      'docs',
      'database',
      'migrations',
      'route',
      'isolation',
    ];
    const files = quick.map((name) => `test/${name}.test.ts`);
    const { exitCode, all } = await runTests(project, ...(isFull ? [] : files));
    expect(exitCode, all).toBe(0);
    const count = isFull ? String.raw`\d+` : String(files.length);
    expect(all).toMatch(new RegExp(`Test Files .*${count} passed`));
  });

  test.for(isFull ? faults : [])('bite where a domain %s', async ([, file, from, to, broken]) => {
    await expectBite({ file, from, to, broken, test: 'test/invoices.test.ts' });
  });

  test.for(isFull ? pageFaults : [])(
    'bite where a page of it %s',
    async ([, file, from, to, broken]) => {
      const fault = { file: `admin/${file}`, from, to, broken };
      await expectBite({ ...fault, test: 'test/invoices-admin.test.ts' });
    },
  );

  test.for(chosenScopes)(
    'T4: are seen apart no more where what %s does it for all',
    async ([, from, to]) => {
      const file = '../../database/account-scope.ts';
      await expectBite({ file, from, to, broken: 'T1', test: 'test/isolation.test.ts' });
    },
  );

  async function expectBite(fault: {
    file: string;
    from: string;
    to: string;
    broken: string;
    test: string;
  }) {
    const path = join(project.folder, 'src', 'domains', 'invoices', fault.file);
    const sound = readFileSync(path, 'utf8');
    expect(sound).toContain(fault.from);
    writeFileSync(path, sound.replaceAll(fault.from, fault.to));
    try {
      const { exitCode, all } = await runTests(project, fault.test);
      expect(exitCode).toBe(1);
      expect(all).toMatch(new RegExp(`(?:×|FAIL).*${fault.broken}`));
    } finally {
      writeFileSync(path, sound);
    }
  }
});

test.for(isFull ? [seed()] : [])(
  'domains drawn by chance, named by a config file, work at once (SEED=%i)',
  async (drawn) => {
    const domains = randomDomains(10, drawn);
    const project = await makeFromConfig({ domains, features: subject.features });
    const changed = await execa('git', ['status', '--porcelain'], { cwd: project.folder });
    expect(changed.stdout).toBe('');
    const { exitCode, all } = await project.run('test', testServers());
    expect(exitCode, all).toBe(0);
    expect((await project.run('db:generate')).all).toContain('No schema changes');
  },
);

/** The names of a project's domains, as its manifest has them. */
function domainsOf({ folder }: Project): string[] {
  const text = readFileSync(join(folder, '.shipkit', 'manifest.json'), 'utf8');
  const { answers } = JSON.parse(text) as { answers: { domains: { name: string }[] } };
  return answers.domains.map(({ name }) => name);
}

async function runTests(project: Project, ...files: string[]) {
  return execa(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...files], {
    cwd: project.folder,
    env: cleanEnvironment(testServers()),
    extendEnv: false,
    reject: false,
    all: true,
  });
}
