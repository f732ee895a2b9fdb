// How values lie in Redis. Each tag has a version; an entry begins with the versions that its tags
// had when its value was about to be loaded, and counts as long as they have them still. So whatever
// was loaded before an invalidation is never answered after it, even if it is stored later.
import { createHash, randomBytes } from 'node:crypto';
import type { Redis } from '#app/platform/redis/redis.ts';
import { defineScript } from '#app/platform/redis/script.ts';

/** Milliseconds for which an entry can be kept at most; a tag's version is kept for as long. */
export const longestLife = 7 * 86_400_000;
/** Milliseconds in which who has the turn is expected to have loaded; then another one may. */
const lockLife = 10_000;

/** Where an entry lies: its keys in Redis. */
export interface Place {
  /** What it is called in the log: the part of its key before a colon, which tells of nobody. */
  readonly name: string;
  readonly entry: string;
  readonly lock: string;
  readonly tags: readonly string[];
}

/** What a look at an entry has shown. */
export interface Look {
  /** The whole entry, whether it counts or not. */
  readonly entry: string | null;
  /** The versions of its tags; nothing where one has none, so that no entry counts. */
  readonly versions: string | undefined;
  /** Its value as JSON, where it counts. */
  readonly json: string | undefined;
  /** Milliseconds for which Redis keeps it; only where they were asked for. */
  readonly left: number;
}

/** The turn to load, or what another one has loaded meanwhile. */
export interface Turn {
  /** Whether nobody else is loading. */
  readonly mine: boolean;
  readonly versions: string;
  readonly entry: string | null;
  readonly json: string | undefined;
}

/** Looks an entry up. @throws where Redis is gone, as all of these do */
export async function look(
  { client }: Redis,
  { entry: key, tags }: Place,
  asksForLeft: boolean,
): Promise<Look> {
  // In this order: an entry that is replaced in between is taken for older than it is.
  const [left, [entry = null, ...found]] = await Promise.all([
    asksForLeft ? client.pttl(key) : Infinity,
    client.mget(key, ...tags),
  ]);
  const versions = found.includes(null) ? undefined : found.join(',');
  return { entry, versions, json: jsonOf(entry, versions), left };
}

/**
 * Asks for the turn to load. Whoever loads what an invalidation has made old does not hold it.
 *
 * @param seen the entry that is to be replaced, and so is not taken for a newer one
 */
export async function takeTurn(
  { client }: Redis,
  { entry: key, lock, tags }: Place,
  token: string,
  seen: string | null,
): Promise<Turn> {
  const args = [token, lockLife, longestLife, newVersion(), seen === null ? '' : hash(seen)];
  const answer = await begin(client, [key, lock, ...tags], args);
  const [versions, mine, entry] = answer as [string, number, string | null];
  return { mine: mine === 1, versions, entry, json: jsonOf(entry, versions) };
}

/**
 * Gives the turn back.
 *
 * @param stored what was loaded, to be stored unless it was invalidated meanwhile
 */
export async function giveTurnBack(
  { client }: Redis,
  { entry: key, lock, tags }: Place,
  turn: { readonly token: string; readonly versions: string },
  stored?: { readonly json: string; readonly life: number },
): Promise<void> {
  const { token, versions } = turn;
  const entry = stored === undefined ? '' : `${versions}\n${stored.json}`;
  await finish(client, [key, lock, ...tags], [token, versions, entry, stored?.life ?? 0]);
}

/** Gives a tag another version: no entry that has the tag counts any more, however many there are. */
export async function changeTag({ client }: Redis, tag: string): Promise<void> {
  await client.set(tag, newVersion(), 'PX', longestLife);
}

function jsonOf(entry: string | null, versions: string | undefined): string | undefined {
  if (entry === null || versions === undefined || !entry.startsWith(`${versions}\n`)) {
    return undefined;
  }
  return entry.slice(versions.length + 1);
}

/** Never used before: a version that was lost and made anew must not fit an old entry. */
const newVersion = (): string => randomBytes(9).toString('base64url');

const hash = (text: string): string => createHash('sha1').update(text).digest('hex');

/**
 * KEYS: the entry, its lock, its tags. ARGV: a token, the life of a lock, the life of a tag, a
 * version for tags that have none, the hash of the entry that does not count.
 */
const begin = defineScript(`
local versions = {}
for i = 3, #KEYS do
  local version = redis.call('GET', KEYS[i]) or ARGV[4]
  redis.call('SET', KEYS[i], version, 'PX', ARGV[3])
  versions[i - 2] = version
end
local current = table.concat(versions, ',')

local entry = redis.call('GET', KEYS[1])
local counts = entry and string.sub(entry, 1, #current + 1) == current .. '\\n'
if counts and redis.sha1hex(entry) ~= ARGV[5] then return { current, 0, entry } end

local held = redis.call('GET', KEYS[2])
if held and string.sub(held, #ARGV[1] + 2) == current then return { current, 0, false } end
redis.call('SET', KEYS[2], ARGV[1] .. ' ' .. current, 'PX', ARGV[2])
return { current, 1, false }
`);

/** KEYS: the same. ARGV: the token, the versions when it began, the entry or nothing, its life. */
const finish = defineScript(`
if redis.call('GET', KEYS[2]) == ARGV[1] .. ' ' .. ARGV[2] then redis.call('DEL', KEYS[2]) end
if ARGV[3] == '' then return 0 end

local versions = {}
for i = 3, #KEYS do versions[i - 2] = redis.call('GET', KEYS[i]) or '' end
if table.concat(versions, ',') ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
return 1
`);
