import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { contentOf, edit, read, write } from './changed.ts';

/** What an owner does to a project; it still passes its tests, once a migration is generated. */
export interface Edit {
  readonly name: string;
  readonly make: (folder: string) => void;
  /** Text that must stand after a command. */
  readonly stands?: readonly [file: string, line: string][];
  /** Files that must not. */
  readonly gone?: readonly string[];
  /** The test that the owner wrote for it. */
  readonly test?: string;
}

export const lineEndings: Edit = {
  name: 'everything with CRLF',
  make: (folder) => {
    for (const file of Object.keys(contentOf(folder)).filter((path) => !path.endsWith('.br'))) {
      write(folder, file, read(folder, file).replaceAll('\n', '\r\n'));
    }
  },
  stands: [['src/domains/index.ts', 'export const domains = {\r']],
};

/** Edits that can all be made in one project, in this order. */
export const edits: readonly Edit[] = [
  {
    name: 'a function added',
    make: (folder) => {
      append(folder, 'src/domains/auth/service.ts', `\n${ownFunction}`);
      write(folder, 'test/host-of.test.ts', testOfFunction);
    },
    test: 'test/host-of.test.ts',
    stands: [['src/domains/auth/service.ts', 'export function hostOf(email: string): string {']],
  },
  {
    name: 'imports reordered',
    make: (folder) =>
      edit(folder, 'src/domains/auth/account/routes.ts', (text) => {
        const [first = '', second = '', ...rest] = text.split('\n');
        return [second, first, ...rest].join('\n');
      }),
    stands: [
      ['src/domains/auth/account/routes.ts', "/http/route.ts';\nimport { unauthenticated } from"],
    ],
  },
  {
    name: 'a file renamed',
    make: (folder) => {
      renameSync(join(folder, 'src/http/health.ts'), join(folder, 'src/http/healthy.ts'));
      edit(folder, 'src/http/server.ts', replacing('./health.ts', './healthy.ts'));
      edit(folder, 'src/lifecycle.ts', replacing('/health.ts', '/healthy.ts'));
    },
    stands: [['src/http/healthy.ts', 'import']],
    gone: ['src/http/health.ts'],
  },
  {
    name: 'a route changed',
    make: (folder) => {
      edit(folder, 'src/domains/auth/account/routes.ts', replacing('/v1/auth/me', '/v1/me'));
      replaceInTests(folder, '/v1/auth/me', '/v1/me');
      write(folder, 'test/me.test.ts', testOfRoute);
    },
    test: 'test/me.test.ts',
    stands: [['src/domains/auth/account/routes.ts', "      path: '/v1/me',"]],
  },
  {
    name: 'an entry added to the list of domains by hand',
    make: (folder) => {
      write(folder, 'src/domains/own/router.ts', ownRouter);
      write(folder, 'test/own.test.ts', testOfRouter);
      const imported = "import { ownRoutes } from './own/router.ts';";
      edit(folder, 'src/domains/index.ts', replacing('import { authRoutes }', `${imported}\n$&`));
      edit(
        folder,
        'src/domains/index.ts',
        replacing('  auth: authRoutes,', '$&\n  own: ownRoutes,'),
      );
    },
    test: 'test/own.test.ts',
    stands: [
      ['src/domains/index.ts', "import { ownRoutes } from './own/router.ts';"],
      ['src/domains/index.ts', '  own: ownRoutes,'],
    ],
  },
  {
    name: 'a table added to the schema by hand',
    make: (folder) => {
      write(folder, 'src/domains/notes/models.ts', ownModels);
      write(folder, 'test/notes.test.ts', testOfModels);
      append(folder, 'src/database/schema.ts', "export * from '../domains/notes/models.ts';\n");
    },
    test: 'test/notes.test.ts',
    stands: [['src/database/schema.ts', "export * from '../domains/notes/models.ts';"]],
  },
  {
    name: 'a setting and a script added',
    make: (folder) => {
      const settings = 'export const httpSettings = {';
      const own = "  OWN: z.string().default('1'),";
      edit(folder, 'src/http/settings.ts', replacing(settings, `$&\n${own}`));
      append(folder, '.env.example', '\n# Mine\n# OWN=1\n');
      edit(folder, 'package.json', replacing('"scripts": {', '$&\n    "mine": "echo",'));
    },
    stands: [
      ['src/http/settings.ts', "  OWN: z.string().default('1'),"],
      ['.env.example', '# OWN=1'],
      ['package.json', '    "mine": "echo",'],
    ],
  },
  {
    name: 'a file deleted',
    make: (folder) => {
      rmSync(join(folder, 'README.md'));
    },
    gone: ['README.md'],
  },
  {
    name: 'a list laid out otherwise',
    make: (folder) =>
      edit(
        folder,
        'src/domains/index.ts',
        replacing('  auth: authRoutes,', '  auth:   authRoutes,'),
      ),
  },
  {
    name: 'the whole of a file that does not change',
    make: (folder) => edit(folder, 'src/log.ts', (text) => text.replaceAll('  ', '\t')),
  },
];

const ownFunction = `export function hostOf(email: string): string {
  return email.slice(email.indexOf('@') + 1);
}
`;

const testOfFunction = `import { expect, test } from 'vitest';
import { hostOf } from '#app/domains/auth/service.ts';

test('the host of an address comes after the @', () => {
  expect(hostOf('ada@example.com')).toBe('example.com');
});
`;

const testOfRoute = `import { expect, test } from 'vitest';
import { useService } from './support/service.ts';
import { signUp } from './support/users.ts';

const service = useService();

test('the signed-in user is shown under the new path, and no longer under the old one', async () => {
  const user = await signUp(service);
  const { status, body } = await service.get('/v1/me', user.authorization);
  expect([status, body.user.email]).toEqual([200, user.email]);
  const old = await service.get('/v1/auth/me', user.authorization);
  expect(old.status).toBe(404);
});
`;

const ownRouter = `import { z } from 'zod';
import { json, open, reply, route, type Route } from '#app/http/route.ts';

export function ownRoutes(): Route[] {
  return [
    route({
      method: 'get',
      path: '/v1/own',
      summary: 'Greet',
      guard: open,
      answers: { 200: json(z.object({ greeting: z.string() })) },
      handler: async () => reply(200, { greeting: 'hello' }),
    }),
  ];
}
`;

const testOfRouter = `import { expect, test } from 'vitest';
import { useService } from './support/service.ts';

const service = useService();

test('the own route answers', async () => {
  const { status, body } = await service.get('/v1/own');
  expect([status, body]).toEqual([200, { greeting: 'hello' }]);
});
`;

const ownModels = `import { mysqlTable } from 'drizzle-orm/mysql-core';
import { exactText, uuid } from '#app/database/columns.ts';

export const notes = mysqlTable('notes', {
  id: uuid('id').primaryKey(),
  title: exactText('title', { length: 100 }).notNull(),
});
`;

const testOfModels = `import { expect, test } from 'vitest';
import { useService } from './support/service.ts';

const service = useService();

test('the own table keeps a row', async () => {
  const { connection } = service.database;
  await connection.query("INSERT INTO notes (id, title) VALUES ('1', 'first')");
  const [rows] = await connection.query('SELECT title FROM notes');
  expect(rows).toEqual([{ title: 'first' }]);
});
`;

/** Expects that a project has what its owner edited, with the line endings that the file has. */
export function expectKept(folder: string, { stands = [], gone = [] }: Edit): void {
  for (const [file, lines] of stands) {
    const text = read(folder, file);
    expect(text).toContain(text.includes('\r\n') ? lines.replaceAll('\n', '\r\n') : lines);
  }
  for (const file of gone) expect(existsSync(join(folder, file)), file).toBe(false);
}

function append(folder: string, file: string, text: string): void {
  edit(folder, file, (before) => before + text);
}

/** Replaces the first place; as in `replace`, `$&` stands for what was there. */
function replacing(from: string, to: string): (text: string) => string {
  return (text) => text.replace(from, to);
}

function replaceInTests(folder: string, from: string, to: string): void {
  const files = readdirSync(join(folder, 'test'), { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.ts'))) {
    const full = join(folder, 'test', file);
    writeFileSync(full, readFileSync(full, 'utf8').replaceAll(from, to));
  }
}
