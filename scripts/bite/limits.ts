import type { Guard } from './guards.ts';

const limits = 'src/platform/limits';

/** What keeps a limit exact. */
export const limitGuards: readonly Guard[] = [
  {
    name: 'the window of a limit begins once',
    file: `${limits}/database-store.ts`,
    find: 'const same = and(row, eq(endsAt, found.endsAt));',
    replace: 'const same = row;',
    test: 'test/limits/limits.test.ts',
    title: 'several processes admit exactly the limit',
  },
  {
    name: 'what is spent of a limit is within its points when it is written',
    file: `${limits}/database-store.ts`,
    find: '.where(and(same, hasRoom))',
    replace: '.where(same)',
    test: 'test/limits/limits.test.ts',
    title: 'several processes admit exactly the limit',
  },
  {
    name: 'of several limits, one without room has none of them spent',
    file: `${limits}/database-store.ts`,
    find: '      if (refused) throw new NoRoom(found);\n',
    replace: '',
    test: 'test/limits/limits.test.ts',
    title: 'of several limits, all are spent of or none',
  },
  {
    name: 'what a process has spent of a limit is told to whatever counts next',
    file: `${limits}/tallies.ts`,
    find: 'const untold = tally.own - told.points;',
    replace: 'const untold = 0 * tally.own;',
    test: 'test/limits/limits.test.ts',
    title: 'while the database is away',
  },
  {
    name: 'a late answer about a limit is no second call',
    file: `${limits}/tallies.ts`,
    find: 'if (!isLate) tally.own += spent;',
    replace: 'tally.own += spent;',
    test: 'test/limits/limits.test.ts',
    title: 'a call whose answer comes too late',
  },
  {
    name: 'a limit of two accounts is two counts',
    file: 'src/http/limits/caller.ts',
    find: "names.join(' ')",
    replace: "''",
    test: 'test/limits/routes.test.ts',
    title: 'routes that say nothing share one limit',
  },
  {
    name: 'what Redis has counted of a limit is not added to it again',
    file: `${limits}/redis-store.ts`,
    find: 'math.max(0, ARGV[2] - own)',
    replace: 'ARGV[2] - 0',
    test: 'test/limits/redis-gone.test.ts',
    title: 'what it counted while nobody heard of it',
  },
];
