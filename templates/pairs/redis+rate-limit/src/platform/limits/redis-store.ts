import { randomBytes } from 'node:crypto';
import type { Result } from 'ioredis';
import type { Redis } from '../redis/redis.ts';
import type { Bucket, Store, Window } from './store.ts';

// A window is a hash of what is spent in it, by all and by each process, and of when it ends, in
// milliseconds by Redis' own clock. Each script is one step for everybody else, and what it writes ends
// by itself.

const steps = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function look(key, process, latest)
  local window = redis.call('HMGET', key, 'used', 'ends', process)
  local ends = tonumber(window[2])
  if ends and ends > now and ends <= latest then
    return tonumber(window[1]), tonumber(window[3] or 0), ends
  end
  redis.call('DEL', key)
  return 0, 0, nil
end

local function write(key, used, ends, process, own)
  redis.call('HSET', key, 'used', used, 'ends', ends, process, own)
  redis.call('PEXPIREAT', key, ends)
end
`;

/** KEYS: the buckets. ARGV: the process; of each bucket, what it costs, its points, its length. */
const spendScript = `${steps}
local admitted = 1
local windows = {}
for index, key in ipairs(KEYS) do
  local cost, points, length = unpack(ARGV, index * 3 - 1, index * 3 + 1)
  local used, own, ends = look(key, ARGV[1], now + 2 * length)
  if used + cost > tonumber(points) then admitted = 0 end
  windows[index] = { used, own, ends or now + length, tonumber(cost) }
end
local answer = { admitted, now }
for index, window in ipairs(windows) do
  local used, own, ends, cost = unpack(window)
  if admitted == 1 then
    used = used + cost
    own = own + cost
    write(KEYS[index], used, ends, ARGV[1], own)
  end
  table.insert(answer, used)
  table.insert(answer, own)
  table.insert(answer, ends)
end
return answer
`;

/**
 * KEYS: the bucket. ARGV: the process, all that it has spent, and what is left of the window if none
 * runs here. What Redis has counted of that already is not added.
 */
const addScript = `${steps}
local used, own, ends = look(KEYS[1], ARGV[1], math.huge)
local untold = math.max(0, ARGV[2] - own)
write(KEYS[1], used + untold, ends or now + ARGV[3], ARGV[1], own + untold)
`;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    spendPoints(
      count: number,
      ...keysThenValues: (string | number)[]
    ): Result<readonly number[], Context>;
    addPoints(
      count: 1,
      key: string,
      process: string,
      own: number,
      left: number,
    ): Result<null, Context>;
  }
}

/** Counts in Redis, by its clock. */
export function redisStore(redis: Redis): Store {
  const { client } = redis;
  client.defineCommand('spendPoints', { lua: spendScript });
  client.defineCommand('addPoints', { lua: addScript });
  const nameOf = (key: string): string => redis.key('limit', key);
  const process = `by ${randomBytes(9).toString('base64url')}`;

  return {
    name: 'redis',
    patience: 200,

    async spend(buckets) {
      const keys = buckets.map(({ key }) => nameOf(key));
      const values = buckets.flatMap(({ cost, points, per }) => [cost, points, per * 1000]);
      const [admitted, now = 0, ...ends] = await client.spendPoints(
        keys.length,
        ...keys,
        process,
        ...values,
      );
      return { admitted: admitted === 1, windows: windowsIn(buckets, ends, now) };
    },

    async add(key, { own }, left) {
      await client.addPoints(1, nameOf(key), process, own, Math.round(left));
    },
  };
}

/** What is spent, what of that by this process, and when it ends, of one after the other. */
function windowsIn(buckets: readonly Bucket[], flat: readonly number[], now: number): Window[] {
  return buckets.map((_bucket, index) => {
    const [used = 0, own = 0, end = now] = flat.slice(index * 3, index * 3 + 3);
    return { id: String(end), used, left: end - now, own };
  });
}
