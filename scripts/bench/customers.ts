// How long the admin area's search takes among a million customers, as an operator waits for it: the
// whole page, from the request to its last byte.

import { createHash, randomBytes, randomUUID } from 'node:crypto';

import { type Api, expectStatus } from '../lib/api.ts';
import { createDatabase, query } from '../lib/database.ts';
import { cleanEnvironment } from '../lib/environment.ts';
import { npm } from '../lib/generate.ts';
import type { Stages } from '../lib/stage.ts';
import type { Backend } from './backend.ts';
import { type Figure, atMost, milliseconds, quantile } from './figure.ts';

const customers = 1_000_000;
const searches = 200;

/** What an operator asks for. */
type Kind = 'prefix' | 'address' | 'id' | 'Stripe id' | 'newest' | 'deep';

export async function measureCustomers(stages: Stages, backend: Backend): Promise<Figure[]> {
  const database = await stages.run(`Filling a database with ${customers} customers`, () =>
    filled(backend),
  );
  const cookie = await signIn(database);
  const settings = { DATABASE_URL: database };
  const { api, program } = await backend.start('generated', 'src/main.ts', { settings });
  const asked = await mixed(database);
  const took = await stages.run(`Searching ${asked.length} times`, () => ask(api, cookie, asked));
  await program.stop('SIGTERM');

  const kinds = [...took].map(([kind, times]) => `${kind} ${milliseconds(quantile(times, 0.95))}`);
  const all = [...took.values()].flat();
  const slowest = Math.max(...[...took.values()].map((times) => quantile(times, 0.95)));
  return [
    {
      ...atMost('a search of customers, p95 of the slowest kind', slowest, 50, milliseconds),
      detail: `p50 ${milliseconds(quantile(all, 0.5))}, ${all.length} searches of 1 million; p95 by kind: ${kinds.join(', ')}`,
    },
  ];
}

/** Customers who have come one a minute, with addresses in no order. @returns the database's URL */
async function filled(backend: Backend): Promise<string> {
  const database = await createDatabase(backend.settings['DATABASE_URL'] ?? '', 'bench');
  const env = cleanEnvironment({ ...backend.settings, DATABASE_URL: database });
  await npm(backend.project, ['run', 'db:migrate'], { env });
  const digit = Array.from({ length: 10 }, (_, n) => `SELECT ${n} AS n`).join(' UNION ALL ');
  const places = Array.from({ length: 6 }, (_, n) => `d${n}.n * ${10 ** n}`).join(' + ');
  const tables = Array.from({ length: 6 }, (_, n) => `digits d${n}`).join(', ');
  const time = '(1700000000000 + n * 60000)';
  // RFC 9562, section 5.7: the time first, as the service makes them.
  const id = (kind: string) =>
    `LOWER(CONCAT(LPAD(HEX(${time} DIV 65536), 8, '0'), '-', LPAD(HEX(${time} MOD 65536), 4, '0'),
      '-7${kind}-8000-', LPAD(HEX(n), 12, '0')))`;
  await query(
    database,
    `CREATE TABLE numbers (n INT UNSIGNED PRIMARY KEY)`,
    `INSERT INTO numbers WITH digits AS (${digit}) SELECT ${places} AS n FROM ${tables} ORDER BY n`,
    `INSERT INTO accounts (id, name) SELECT ${id('aaa')}, 'bench' FROM numbers ORDER BY n`,
    `INSERT INTO users (id, account_id, email, password_hash, created_at)
      SELECT ${id('bbb')}, ${id('aaa')},
        CONCAT(${name('n', 'first')}, '.', ${name('n DIV 20', 'last')}, n, '@example.com'), '',
        FROM_UNIXTIME(${time} / 1000)
      FROM numbers ORDER BY n`,
    `INSERT INTO billing_customers (account_id, stripe_customer_id)
      SELECT ${id('aaa')}, CONCAT('cus_', LPAD(n, 14, '0')) FROM numbers ORDER BY n`,
    'DROP TABLE numbers',
    'ANALYZE TABLE users, billing_customers',
  );
  return database;
}

const names = {
  first:
    'anna,ben,carla,david,eva,felix,greta,hugo,ida,jan,klara,leo,mia,noah,olga,paul,rosa,sam,tina,vera',
  last: 'adler,berg,costa,dubois,evans,fischer,garcia,hansen,ivanov,jensen,keller,lopez,moreau,novak,olsen,park,rossi,silva,tanaka,weber',
};

function name(number: string, kind: keyof typeof names): string {
  const list = names[kind].split(',').map((each) => `'${each}'`);
  return `ELT(1 + (${number}) % ${list.length}, ${list.join(', ')})`;
}

/** Makes an operator with a session. @returns the header that proves it */
async function signIn(database: string): Promise<string> {
  const id = randomUUID();
  const token = randomBytes(32).toString('base64url');
  const hash = createHash('sha256').update(token).digest('hex');
  await query(
    database,
    `INSERT INTO admin_users (id, email, role) VALUES ('${id}', 'bench@example.com', 'read-only')`,
    `INSERT INTO admin_sessions (token_hash, id, admin_id, last_used_at, proven_at, expires_at)
      VALUES (x'${hash}', '${randomUUID()}', '${id}', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3),
        UTC_TIMESTAMP(3) + INTERVAL 8 HOUR)`,
  );
  return `sid=${token}`;
}

/** Searches of each kind in turn, for customers who lie all over the table. */
async function mixed(database: string): Promise<{ kind: Kind; path: string }[]> {
  const found = await query(
    database,
    `SELECT users.id, email, stripe_customer_id FROM users JOIN billing_customers USING (account_id)
      WHERE CONV(RIGHT(users.id, 12), 16, 10) % ${customers / searches} = 7`,
  );
  return found.flatMap((row, index) => {
    const [id, email] = [String(row['id']), String(row['email'])];
    const beginning = email.slice(0, 2 + (index % 7));
    return [
      asking('prefix', { q: beginning }),
      asking('address', { q: email }),
      asking('id', { q: id }),
      asking('Stripe id', { q: String(row['stripe_customer_id']) }),
      asking('newest', {}),
      index % 2 === 0
        ? asking('deep', { cursor: id })
        : asking('deep', { q: beginning, cursor: email }),
    ];
  });
}

function asking(kind: Kind, parameters: Record<string, string>): { kind: Kind; path: string } {
  return { kind, path: `/admin/customers?${new URLSearchParams(parameters).toString()}` };
}

/** Milliseconds of each, by kind. @throws Error where one finds nobody */
async function ask(
  api: Api,
  cookie: string,
  asked: readonly { kind: Kind; path: string }[],
): Promise<Map<Kind, number[]>> {
  const took = new Map<Kind, number[]>();
  for (const { kind, path } of asked) {
    const answer = expectStatus(await api.get(path, { cookie }), 200);
    if (!answer.text.includes('/admin/customers/')) throw new Error(`${path} has found nobody.`);
    took.set(kind, [...(took.get(kind) ?? []), answer.milliseconds]);
  }
  return took;
}
