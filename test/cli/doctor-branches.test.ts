// What git leaves when it merges two branches that each changed the project.
import { describe, expect, test } from 'vitest';
import { clashes, mergeAnswers } from '../../src/project/mend-records.ts';
import { makeBranches, mergeBranches } from './support/branches.ts';
import { contentOf, edit, read } from './support/changed.ts';
import { project, shipkit } from './support/commands.ts';
import { bothAdd, clashing, doctor } from './support/doctor.ts';
import { commit, git, tryGit } from './support/git.ts';

describe('two branches that each add a domain', () => {
  test.each(['in the midst of the merge', 'with the markers committed'])(
    'are one project after doctor --fix, %s',
    async (when) => {
      const folder = await merged(when === 'with the markers committed');
      expect((await shipkit(['add', 'ci'], folder)).exitCode).toBe(3);
      const { findings } = await doctor(folder, '--fix');
      // Nothing is installed here, so that the branches could not generate their migrations.
      const wrong = findings.filter(({ severity }) => severity === 'error');
      expect(wrong.map(({ check }) => check)).toEqual(['packages', 'migrations']);
      commit(folder, 'merged');

      expect(domainsOf(folder)).toEqual(['tickets', 'customers']);
      const other = await project();
      for (const name of ['tickets', 'customers']) {
        await shipkit(['add-domain', name, '--fields', 'name:string'], other);
        commit(other, name);
      }
      expect(contentOf(folder)).toEqual(contentOf(other));
      expect((await shipkit(['remove-domain', 'customers'], folder)).exitCode).toBe(0);
    },
  );

  test('keep what each added by hand to the lists', async () => {
    const folder = await merged(false, (here, domain) => {
      edit(here, 'src/domains/index.ts', (text) =>
        text.replace('  auth: authRoutes,', `$&\n  my_${domain}: my_${domain}Routes,`),
      );
    });
    await doctor(folder, '--fix');
    for (const line of [
      '  my_customers: my_customersRoutes,',
      '  my_tickets: my_ticketsRoutes,',
      '  customers: customersRoutes,',
      '  tickets: ticketsRoutes,',
    ]) {
      expect(read(folder, 'src/domains/index.ts').split('\n')).toContain(line);
    }
  });
});

describe('a branch that removes a domain and adds it again, and one that adds another', () => {
  // It comes last in its lists, and is longer than the domain that it passes: so git takes the other
  // one for what was moved, and a side of a conflict is not what its branch had.
  const fields = 'name:string,color:string,size:integer';

  test.each([
    ['tickets', 'again'],
    ['again', 'tickets'],
  ])('are one project after doctor --fix, where %s merges %s', async (into, from) => {
    const folder = await project();
    await addDomain(folder, 'labels', fields);
    await addDomain(folder, 'notes');
    git(folder, 'checkout', '-q', '-b', 'tickets');
    await addDomain(folder, 'tickets');
    git(folder, 'checkout', '-q', '-b', 'again', 'HEAD~');
    expect((await shipkit(['remove-domain', 'labels'], folder)).exitCode).toBe(0);
    commit(folder);
    await addDomain(folder, 'labels', fields);
    git(folder, 'checkout', '-q', into);
    expect(tryGit(folder, 'merge', from).exitCode).toBe(1);

    const { findings } = await doctor(folder, '--fix');
    expect(domainsOf(folder).toSorted()).toEqual(['labels', 'notes', 'tickets']);
    for (const name of ['labels', 'notes', 'tickets']) {
      expect(read(folder, 'src/domains/index.ts')).toContain(`  ${name}: ${name}Routes,`);
      expect(read(folder, 'src/database/schema.ts')).toContain(`domains/${name}/models.ts`);
    }
    const wrong = findings.filter(({ severity }) => severity === 'error');
    expect(wrong.map(({ check }) => check)).toEqual(['packages', 'migrations']);
    const files = findings.find(({ check }) => check === 'files');
    expect(files?.message).toContain('0 edited and 0 deleted');
  });
});

describe('two branches that each add the same domain', () => {
  test.each(['in the midst of the merge', 'with the markers committed'])(
    'with other fields are told so, and nothing is written, %s',
    async (when) => {
      const folder = await clashing();
      if (when === 'with the markers committed') commit(folder, 'merged with markers');
      const before = contentOf(folder);
      for (const args of [[], ['--fix']]) {
        const { findings, fixed, exitCode } = await doctor(folder, ...args);
        const found = findings.find(({ check }) => check === 'domains');
        expect(found?.message).toMatch(
          /added labels: this one with title:string,size:integer, the other with name:string\. Undo/,
        );
        expect(findings.map(({ mend }) => mend)).not.toContain('shipkit doctor --fix');
        expect([exitCode, fixed]).toEqual([1, []]);
        expect(contentOf(folder)).toEqual(before);
      }
    },
  );

  test('with other fields are one project, after what doctor says is done', async () => {
    const folder = await clashing();
    const { findings } = await doctor(folder);
    const [program, ...args] = (findings[0]?.mend ?? '').split(' ');
    expect(program).toBe('git');
    git(folder, ...args);
    git(folder, 'revert', '--no-edit', 'HEAD');
    git(folder, 'merge', 'one');
    const wrong = (await doctor(folder)).findings.filter(({ severity }) => severity === 'error');
    expect(wrong.map(({ check }) => check)).toEqual(['packages', 'migrations']);
  });

  test('keep the fields that one gave it anew, whichever branch that was', () => {
    const answers = (field: string) => ({
      name: 'shop',
      tier: 'professional' as const,
      packageManager: 'npm' as const,
      features: [],
      without: [],
      domains: [{ name: 'labels', fields: [{ name: field, type: 'string' as const }] }],
    });
    const [common, changed] = [answers('name'), answers('title')];
    for (const [ours, theirs] of [
      [common, changed],
      [changed, common],
    ] as const) {
      expect(clashes({ common, ours, theirs })).toEqual([]);
      expect(mergeAnswers({ common, ours, theirs })).toEqual(changed);
    }
  });

  test('keep the pages in the admin area that one gave it, whichever branch that was', () => {
    const answers = (admin?: true) => ({
      name: 'shop',
      tier: 'starter' as const,
      packageManager: 'npm' as const,
      features: [],
      without: [],
      domains: [
        {
          name: 'labels',
          fields: [{ name: 'name', type: 'string' as const }],
          ...(admin && { admin }),
        },
      ],
    });
    const [plain, paged] = [answers(), answers(true)];
    for (const common of [plain, paged, undefined]) {
      const changed = common === paged ? plain : paged;
      for (const [ours, theirs] of [
        [plain, paged],
        [paged, plain],
      ] as const) {
        expect(clashes({ common, ours, theirs })).toEqual([]);
        expect(mergeAnswers({ common, ours, theirs })).toEqual(changed);
      }
    }
  });

  test('with the same fields are one project after doctor --fix', async () => {
    const folder = await project();
    await bothAdd(folder, ['name:string', 'name:string']);
    tryGit(folder, 'merge', 'one');
    const { findings } = await doctor(folder, '--fix');
    const wrong = findings.filter(({ severity }) => severity === 'error');
    expect(wrong.map(({ check }) => check)).toEqual(['packages', 'migrations']);
  });
});

test('two branches that each give a domain pages in the admin area are one project', async () => {
  const folder = await project();
  await addDomain(folder, 'labels');
  await addDomain(folder, 'notes');
  await makeBranches(folder, {
    one: () => run(folder, 'add-domain', 'labels', '--admin'),
    two: () => run(folder, 'add-domain', 'notes', '--admin'),
  });
  expect(tryGit(folder, 'merge', 'one').exitCode).toBe(1);
  await doctor(folder, '--fix');
  for (const page of ['listLabelsPage', 'listNotesPage']) {
    expect(read(folder, 'src/domains/admin/pages/list.ts')).toContain(`  ${page},\n`);
  }
  commit(folder, 'merged');
  const again = await shipkit(['add-domain', 'labels', '--admin'], folder);
  expect(again.stdout).toContain('Nothing to do: the project is so already');
});

async function merged(
  committed: boolean,
  byHand: (folder: string, domain: string) => void = () => undefined,
): Promise<string> {
  const folder = await project();
  await mergeBranches(folder, async (domain) => {
    const added = await shipkit(['add-domain', domain, '--fields', 'name:string'], folder);
    expect(added.exitCode, added.stderr).toBe(0);
    byHand(folder, domain);
  });
  if (committed) commit(folder, 'merged with markers');
  return folder;
}

async function addDomain(folder: string, name: string, fields = 'name:string'): Promise<void> {
  const added = await shipkit(['add-domain', name, '--fields', fields], folder);
  expect(added.exitCode, added.stderr).toBe(0);
  commit(folder);
}

/** The domains that the manifest names, in its order. */
function domainsOf(folder: string): string[] {
  const manifest = JSON.parse(read(folder, '.shipkit/manifest.json')) as {
    answers: { domains: { name: string }[] };
  };
  return manifest.answers.domains.map(({ name }) => name);
}

describe('two branches of which one needs what the other took away', () => {
  test.each(['in the midst of the merge', 'with the markers committed'])(
    'are told so, and nothing is written, %s',
    async (when) => {
      const folder = await project();
      await addDomain(folder, 'labels');
      await makeBranches(folder, {
        one: () => run(folder, 'add-domain', 'notes', '--fields', 'label:ref(labels)'),
        two: () => run(folder, 'remove-domain', 'labels'),
      });
      expect(tryGit(folder, 'merge', 'one').exitCode).toBe(1);
      if (when === 'with the markers committed') commit(folder, 'merged with markers');
      const before = contentOf(folder);
      const { findings, fixed } = await doctor(folder, '--fix');
      const found = findings.find(({ check }) => check === 'domains');
      expect(found?.message).toContain('notes.label refers to labels, and there is no such domain');
      expect(found?.mend).toMatch(/^git (merge --abort|revert)/);
      expect(fixed).toEqual([]);
      expect(contentOf(folder)).toEqual(before);
    },
  );
});

test('two branches that each removed a domain are one project that keeps both tables', async () => {
  const folder = await project();
  await makeBranches(folder, {
    one: () => addAndRemove(folder, 'labels'),
    two: () => addAndRemove(folder, 'notes'),
  });
  tryGit(folder, 'merge', 'one');
  await doctor(folder, '--fix');
  const retired = read(folder, 'src/database/retired.ts');
  expect(retired).toContain("'labels',");
  expect(retired).toContain("'notes',");
  expect(retired).not.toMatch(/^[<=>|]{7}/m);
  expect(read(folder, 'src/database/schema.ts').match(/retired/g)).toHaveLength(1);
});

async function addAndRemove(folder: string, name: string): Promise<void> {
  await addDomain(folder, name);
  await run(folder, 'remove-domain', name);
}

async function run(folder: string, ...args: string[]): Promise<void> {
  const { exitCode, stderr } = await shipkit(args, folder);
  expect(exitCode, stderr).toBe(0);
}
