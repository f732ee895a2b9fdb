import type { Guard } from './guards.ts';

const cache = 'src/platform/cache';
const invalidated = 'keeps that from being answered later';

/** What the promises of the cache and of the lock stand on. */
export const cacheGuards: readonly Guard[] = [
  {
    name: 'an entry of the cache counts by the versions of its tags',
    file: `${cache}/entries.ts`,
    find: '|| !entry.startsWith(',
    replace: "|| !'whatever'.concat(",
    test: 'test/cache.test.ts',
    title: 'reaches all that has the tag',
  },
  {
    name: 'the cache stores nothing that was invalidated since its load began',
    file: `${cache}/entries.ts`,
    find: "if table.concat(versions, ',') ~= ARGV[2] then return 0 end\n",
    replace: '',
    test: 'test/cache.test.ts',
    title: invalidated,
  },
  {
    name: 'nobody joins a load of the cache that an invalidation has made old',
    file: `${cache}/cache.ts`,
    find: "seen?.versions ?? ''",
    replace: "''",
    test: 'test/cache.test.ts',
    title: invalidated,
  },
  {
    name: 'one process loads what is cached',
    file: `${cache}/entries.ts`,
    find: 'if held and string.sub(held, #ARGV[1] + 2) == current then return { current, 0, false } end\n',
    replace: '',
    test: 'test/cache.test.ts',
    title: 'one loads for all',
  },
  {
    name: 'a process waits for another one that loads, and not for ever',
    file: `${cache}/cache.ts`,
    find: 'mine || performance.now() > deadline',
    replace: 'mine',
    test: 'test/cache.test.ts',
    title: 'who has waited a second',
  },
  {
    name: 'what is cached for an account has a name of its own',
    file: `${cache}/cache.ts`,
    find: "valuesOf('account', encodeURIComponent(accountId))",
    replace: 'valuesOf()',
    test: 'test/cache.test.ts',
    title: 'no value is answered, and none is invalidated',
  },
  {
    name: 'the id of an account cannot look like a part of a key of the cache',
    file: `${cache}/cache.ts`,
    find: 'encodeURIComponent(accountId)',
    replace: 'accountId',
    test: 'test/cache.test.ts',
    title: 'none is answered for an id and a key',
  },
  {
    name: 'an invalidation that Redis could not take is made up for',
    file: `${cache}/invalidations.ts`,
    find: 'owed.set(tag, Symbol(tag));',
    replace: 'return;',
    test: 'test/cache-loss.test.ts',
    title: 'is not answered again, by nobody in the end',
  },
  {
    name: 'a command to Redis does not wait for ever',
    file: 'src/platform/redis/redis.ts',
    find: '    commandTimeout: patience,\n',
    replace: '',
    test: 'test/cache-loss.test.ts',
    title: 'once for all in the process, and nothing fails',
  },
  {
    name: 'a lock in Redis is released only by who holds it',
    file: 'src/platform/redis/lock.ts',
    find: "if redis.call('GET', KEYS[1]) == ARGV[1] then return",
    replace: 'if true then return',
    test: 'test/redis-lock.test.ts',
    title: 'is not taken from who has it by then',
  },
  {
    name: 'what is not committed is not cached',
    file: 'src/platform/cache/cache.ts',
    find: 'if (database.oneTransaction !== undefined)',
    replace: 'if (database.oneTransaction !== database.oneTransaction)',
    test: 'test/cache-transaction.test.ts',
    title: 'what is loaded in there',
  },
  {
    name: 'what is invalidated in a transaction is invalidated by its commit',
    file: 'src/platform/cache/cache.ts',
    find: 'if (oneTransaction === undefined) await',
    replace: "if (typeof oneTransaction !== 'string') await",
    test: 'test/cache-transaction.test.ts',
    title: 'what is invalidated in there',
  },
];
