import type { Result } from 'ioredis';
import type { Redis } from '../redis/redis.ts';
import type { Bucket, Store, Window } from './store.ts';

// A window is a hash of what is spent in it and when it ends, in milliseconds by Redis' own clock.
// Each script is one step for everybody else, and what it writes ends by itself.

const clock = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function look(key)
  local window = redis.call('HMGET', key, 'used', 'ends')
  local ends = tonumber(window[2])
  if ends and ends > now then return tonumber(window[1]), ends end
  return 0, nil
end

local function write(key, used, ends)
  redis.call('HSET', key, 'used', used, 'ends', ends)
  redis.call('PEXPIREAT', key, ends)
end
`;

/** KEYS: the buckets. ARGV: of each, what it costs, its points, and the length of its window. */
const spendScript = `${clock}
local admitted = 1
local windows = {}
for index, key in ipairs(KEYS) do
  local cost, points, length = unpack(ARGV, index * 3 - 2, index * 3)
  local used, ends = look(key)
  if used + cost > tonumber(points) then admitted = 0 end
  windows[index] = { used, ends or now + length, tonumber(cost) }
end
local answer = { admitted, now }
for index, window in ipairs(windows) do
  local used, ends, cost = unpack(window)
  if admitted == 1 then
    used = used + cost
    write(KEYS[index], used, ends)
  end
  table.insert(answer, used)
  table.insert(answer, ends)
end
return answer
`;

/** KEYS: the bucket. ARGV: the points to add, and what is left of the window if none runs here. */
const addScript = `${clock}
local used, ends = look(KEYS[1])
write(KEYS[1], used + ARGV[1], ends or now + ARGV[2])
`;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    spendPoints(
      count: number,
      ...keysThenValues: (string | number)[]
    ): Result<readonly number[], Context>;
    addPoints(count: 1, key: string, points: number, left: number): Result<null, Context>;
  }
}

/** Counts in Redis, by its clock. */
export function redisStore(redis: Redis): Store {
  const { client } = redis;
  client.defineCommand('spendPoints', { lua: spendScript });
  client.defineCommand('addPoints', { lua: addScript });
  const nameOf = (key: string): string => redis.key('limit', key);

  return {
    name: 'redis',
    patience: 200,

    async spend(buckets) {
      const keys = buckets.map(({ key }) => nameOf(key));
      const values = buckets.flatMap(({ cost, points, per }) => [cost, points, per * 1000]);
      const [admitted, now = 0, ...ends] = await client.spendPoints(
        keys.length,
        ...keys,
        ...values,
      );
      return { admitted: admitted === 1, windows: windowsIn(buckets, ends, now) };
    },

    async add(key, points, left) {
      await client.addPoints(1, nameOf(key), points, Math.round(left));
    },
  };
}

/** What is spent and when it ends, of one after the other. */
function windowsIn(buckets: readonly Bucket[], flat: readonly number[], now: number): Window[] {
  return buckets.map((_bucket, index) => {
    const [used = 0, end = now] = flat.slice(index * 2, index * 2 + 2);
    return { id: String(end), used, left: end - now };
  });
}
