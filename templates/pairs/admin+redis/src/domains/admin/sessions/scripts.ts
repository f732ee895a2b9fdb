// What Redis does in one step, by its own clock.
import { defineScript } from '#app/platform/redis/script.ts';

const time = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/**
 * KEYS: the session, its token, the operator's sessions. ARGV: milliseconds until it is idle, and
 * until its end; its id; then its fields and their values in turn.
 */
export const insert = defineScript(`${time}
local ends = now + ARGV[2]
redis.call('HSET', KEYS[1], 'createdAt', now, 'lastUsedAt', now, 'provenAt', now, 'endsAt', ends)
redis.call('HSET', KEYS[1], unpack(ARGV, 4))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now)
redis.call('ZADD', KEYS[3], ends, ARGV[3])
redis.call('PEXPIRE', KEYS[3], ARGV[2])
`);

/** KEYS: the session. ARGV: milliseconds until it is idle. */
export const noteUse = defineScript(`${time}
local ends = redis.call('HGET', KEYS[1], 'endsAt')
if not ends then return end
redis.call('HSET', KEYS[1], 'lastUsedAt', now)
redis.call('PEXPIRE', KEYS[1], math.min(ARGV[1], ends - now))
`);

/**
 * KEYS: the session, its token before and after. ARGV: the hashes of both, the session's id, and
 * whether the second factor was just proved. Answers 0 where it has another token than before. Done
 * twice it answers the same.
 */
export const exchange = defineScript(`${time}
local tokenHash = redis.call('HGET', KEYS[1], 'tokenHash')
if tokenHash == ARGV[2] then return 1 end
if tokenHash ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'tokenHash', ARGV[2])
if ARGV[4] == '1' then redis.call('HSET', KEYS[1], 'provenAt', now) end
redis.call('DEL', KEYS[2])
redis.call('SET', KEYS[3], ARGV[3], 'PX', redis.call('HGET', KEYS[1], 'endsAt') - now)
return 1
`);
