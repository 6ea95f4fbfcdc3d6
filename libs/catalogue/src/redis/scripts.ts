/**
 * The changes that must be atomic, as Lua. KEYS[1] is the prefix of all keys:
 *
 * - `current`: the name of the generation that is read. Missing when the catalogue was never filled, or
 *   lost its content; then the generation `initial` takes what is added.
 * - `next`: the name of the generation that a rebuild fills. It expires, so it is also the lock of that
 *   rebuild: one that crashed blocks the next only for the length of its lease.
 * - `begun`: the same name without expiry, so that the next rebuild can clean up after a crash.
 * - `<generation>:order`: sorted set of ids, scored by time of publication (ms).
 * - `<generation>:mosaics`, `<generation>:answers`: hashes of JSON by id.
 * - `<generation>:removed`: what was removed while this generation was filled.
 * - `failures`: hash of JSON by id. Rebuilds leave it alone.
 *
 * The names of the keys are made here, so this needs one Redis and not a cluster.
 */
const common = `
local prefix = KEYS[1]
local function key(generation, part) return prefix .. generation .. ':' .. part end
local function current() return redis.call('GET', prefix .. 'current') or 'initial' end
local function following() return redis.call('GET', prefix .. 'next') end
local function drop(generation)
  redis.call('UNLINK', key(generation, 'order'), key(generation, 'mosaics'),
    key(generation, 'answers'), key(generation, 'removed'))
end
local function targets()
  local generations = { current() }
  local building = following()
  if building then table.insert(generations, building) end
  return generations
end
`;

const script = (body: string): string => common + body.trim();

/** By the names that they have as commands of the client (ioredis' `defineCommand`). */
export const scripts = {
  /** ARGV: part (`mosaics` or `answers`), id, JSON, score (empty for an answer). */
  catalogueAdd: script(`
local part, id, json, score = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
for _, generation in ipairs(targets()) do
  redis.call('HSET', key(generation, part), id, json)
  redis.call('SREM', key(generation, 'removed'), id)
  if score ~= '' then redis.call('ZADD', key(generation, 'order'), score, id) end
end
`),

  /** ARGV: id. */
  catalogueRemove: script(`
local id = ARGV[1]
for _, generation in ipairs(targets()) do
  redis.call('ZREM', key(generation, 'order'), id)
  redis.call('HDEL', key(generation, 'mosaics'), id)
  redis.call('HDEL', key(generation, 'answers'), id)
end
local building = following()
if building then redis.call('SADD', key(building, 'removed'), id) end
redis.call('HDEL', prefix .. 'failures', id)
`),

  /** ARGV: id. Returns the JSON of mosaic and answer. */
  catalogueGet: script(`
local generation = current()
return {
  redis.call('HGET', key(generation, 'mosaics'), ARGV[1]),
  redis.call('HGET', key(generation, 'answers'), ARGV[1]),
}
`),

  /**
   * ARGV: how many, score and id of the position to begin after (empty for the first page). Returns JSON
   * of mosaics and of answers, side by side.
   */
  catalogueList: script(`
local limit, score, last = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local generation = current()
local order = key(generation, 'order')
local ids = {}
local max = '+inf'
if score ~= '' then
  for _, id in ipairs(redis.call('ZREVRANGEBYSCORE', order, score, score)) do
    if id < last and #ids < limit then table.insert(ids, id) end
  end
  max = '(' .. score
end
if #ids < limit then
  local older = redis.call('ZREVRANGEBYSCORE', order, max, '-inf', 'LIMIT', 0, limit - #ids)
  for _, id in ipairs(older) do table.insert(ids, id) end
end
if #ids == 0 then return { {}, {} } end
return {
  redis.call('HMGET', key(generation, 'mosaics'), unpack(ids)),
  redis.call('HMGET', key(generation, 'answers'), unpack(ids)),
}
`),

  /** Returns the number of mosaics. */
  catalogueCount: script(`
return redis.call('ZCARD', key(current(), 'order'))
`),

  /** ARGV: generation, lease in ms. Returns 1, or 0 when another rebuild runs. */
  catalogueBegin: script(`
if following() then return 0 end
local crashed = redis.call('GET', prefix .. 'begun')
if crashed then drop(crashed) end
redis.call('SET', prefix .. 'next', ARGV[1], 'PX', ARGV[2])
redis.call('SET', prefix .. 'begun', ARGV[1])
return 1
`),

  /** ARGV: generation, lease in ms. Returns 1, or 0 when the rebuild lost its place. */
  catalogueRenew: script(`
if following() ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', prefix .. 'next', ARGV[2])
return 1
`),

  /**
   * ARGV: generation, lease in ms, then for each entry id, score, JSON of mosaic and of answer (or empty).
   * What was added or removed during the rebuild is newer and stays. Where all content was lost, readers
   * get what is found at once. Returns 1, or 0 when the rebuild lost its place.
   */
  catalogueFill: script(`
local generation = ARGV[1]
if following() ~= generation then return 0 end
redis.call('PEXPIRE', prefix .. 'next', ARGV[2])
local filled = { generation }
if redis.call('EXISTS', prefix .. 'current') == 0 then table.insert(filled, current()) end
for at = 3, #ARGV, 4 do
  local id, score, mosaic, answer = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  if redis.call('SISMEMBER', key(generation, 'removed'), id) == 0 then
    for _, to in ipairs(filled) do
      if redis.call('HSETNX', key(to, 'mosaics'), id, mosaic) == 1 then
        redis.call('ZADD', key(to, 'order'), score, id)
      end
      if answer ~= '' then redis.call('HSETNX', key(to, 'answers'), id, answer) end
    end
  end
end
return 1
`),

  /** ARGV: generation. Returns the number of mosaics, or -1 when the rebuild lost its place. */
  catalogueFinish: script(`
local generation = ARGV[1]
if following() ~= generation then return -1 end
drop(current())
redis.call('SET', prefix .. 'current', generation)
redis.call('UNLINK', prefix .. 'next', prefix .. 'begun', key(generation, 'removed'))
return redis.call('ZCARD', key(generation, 'order'))
`),

  /** ARGV: generation. Removes what a rebuild that failed has filled. */
  catalogueAbort: script(`
if following() ~= ARGV[1] then return 0 end
drop(ARGV[1])
redis.call('UNLINK', prefix .. 'next', prefix .. 'begun')
return 1
`),
} as const;

export type ScriptName = keyof typeof scripts;
