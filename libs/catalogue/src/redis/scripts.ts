/**
 * The changes that must be atomic, as Lua. KEYS[1] is the prefix of all keys:
 *
 * - `current`: the name of the generation that is read. Missing when the catalogue was never filled, or
 *   lost its content; then the generation `initial` takes what is added.
 * - `next`: the name of the generation that a rebuild fills. It expires, so it is also the lock of that
 *   rebuild: one that crashed blocks the next only for the length of its lease.
 * - `begun`: the same name without expiry, so that the next rebuild can clean up after a crash.
 * - `<generation>:order`: sorted set of ids, scored by time of publication (ms).
 * - `<generation>:order:<campaign>`: the same for each campaign; `<generation>:campaigns` names them.
 * - `<generation>:mosaics`, `<generation>:answers`: hashes of JSON by id.
 * - `<generation>:said`: hash by id of when the last word about a mosaic was said (ms). An id in it
 *   without a mosaic was removed.
 *
 * The names of the keys are made here, so this needs one Redis and not a cluster.
 */
const common = `
local prefix = KEYS[1]
local function key(generation, part) return prefix .. generation .. ':' .. part end
local function current() return redis.call('GET', prefix .. 'current') or 'initial' end
local function following() return redis.call('GET', prefix .. 'next') end
local function drop(generation)
  for _, campaign in ipairs(redis.call('SMEMBERS', key(generation, 'campaigns'))) do
    redis.call('UNLINK', key(generation, 'order:' .. campaign))
  end
  redis.call('UNLINK', key(generation, 'order'), key(generation, 'campaigns'),
    key(generation, 'mosaics'), key(generation, 'answers'), key(generation, 'said'))
end
local function targets()
  local generations = { current() }
  local building = following()
  if building then table.insert(generations, building) end
  return generations
end
local function is_removed(generation, id)
  return redis.call('HEXISTS', key(generation, 'said'), id) == 1
    and redis.call('HEXISTS', key(generation, 'mosaics'), id) == 0
end
local function is_latest(generation, id, said)
  local before = redis.call('HGET', key(generation, 'said'), id)
  if before and tonumber(before) > tonumber(said) then return false end
  redis.call('HSET', key(generation, 'said'), id, said)
  return true
end
local function store(generation, id, campaign, score, mosaic)
  redis.call('HSET', key(generation, 'mosaics'), id, mosaic)
  redis.call('ZADD', key(generation, 'order'), score, id)
  redis.call('ZADD', key(generation, 'order:' .. campaign), score, id)
  redis.call('SADD', key(generation, 'campaigns'), campaign)
end
local function orders(generation, from)
  if ARGV[from] == nil then return { key(generation, 'order') } end
  local names = {}
  for at = from, #ARGV do table.insert(names, key(generation, 'order:' .. ARGV[at])) end
  return names
end
`;

const script = (body: string): string => common + body.trim();

/** By the names that they have as commands of the client (ioredis' `defineCommand`). */
export const scripts = {
  /** ARGV: id, campaign, score, JSON, when it was said (ms). */
  catalogueAdd: script(`
local id, campaign, score, json, said = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
for _, generation in ipairs(targets()) do
  if is_latest(generation, id, said) then store(generation, id, campaign, score, json) end
end
`),

  /** ARGV: id, JSON. */
  catalogueAnswer: script(`
for _, generation in ipairs(targets()) do
  if not is_removed(generation, ARGV[1]) then
    redis.call('HSET', key(generation, 'answers'), ARGV[1], ARGV[2])
  end
end
`),

  /** ARGV: id, when it was said (ms). */
  catalogueRemove: script(`
local id, said = ARGV[1], ARGV[2]
for _, generation in ipairs(targets()) do
  if is_latest(generation, id, said) then
    local json = redis.call('HGET', key(generation, 'mosaics'), id)
    if json then
      redis.call('ZREM', key(generation, 'order:' .. cjson.decode(json).campaign), id)
    end
    redis.call('ZREM', key(generation, 'order'), id)
    redis.call('HDEL', key(generation, 'mosaics'), id)
    redis.call('HDEL', key(generation, 'answers'), id)
  end
end
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
   * ARGV: how many, score and id of the position to begin after (empty for the first page), then the
   * campaigns (none for all mosaics). Returns JSON of mosaics and of answers, side by side.
   */
  catalogueList: script(`
local limit, score, last = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local generation = current()
local found = {}
for _, order in ipairs(orders(generation, 4)) do
  local max = '+inf'
  if score ~= '' then
    for _, id in ipairs(redis.call('ZREVRANGEBYSCORE', order, score, score)) do
      if id < last then table.insert(found, { tonumber(score), id }) end
    end
    max = '(' .. score
  end
  local older = redis.call('ZREVRANGEBYSCORE', order, max, '-inf', 'WITHSCORES', 'LIMIT', 0, limit)
  for at = 1, #older, 2 do table.insert(found, { tonumber(older[at + 1]), older[at] }) end
end
table.sort(found, function(one, other)
  if one[1] ~= other[1] then return one[1] > other[1] end
  return one[2] > other[2]
end)
local ids = {}
for at = 1, math.min(limit, #found) do ids[at] = found[at][2] end
if #ids == 0 then return { {}, {} } end
return {
  redis.call('HMGET', key(generation, 'mosaics'), unpack(ids)),
  redis.call('HMGET', key(generation, 'answers'), unpack(ids)),
}
`),

  /** ARGV: the campaigns (none for all mosaics). Returns the number of mosaics. */
  catalogueCount: script(`
local count = 0
for _, order in ipairs(orders(current(), 1)) do count = count + redis.call('ZCARD', order) end
return count
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
   * ARGV: generation, lease in ms, when the rebuild began (ms), then for each entry id, campaign, score,
   * JSON of mosaic and of answer (or empty). What was said during the rebuild is newer and stays. Where
   * all content was lost, readers get what is found at once. Returns 1, or 0 when the rebuild lost its
   * place.
   */
  catalogueFill: script(`
local generation, begun = ARGV[1], ARGV[3]
if following() ~= generation then return 0 end
redis.call('PEXPIRE', prefix .. 'next', ARGV[2])
local filled = { generation }
if redis.call('EXISTS', prefix .. 'current') == 0 then table.insert(filled, current()) end
for at = 4, #ARGV, 5 do
  local id, campaign, score = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local mosaic, answer = ARGV[at + 3], ARGV[at + 4]
  for _, to in ipairs(filled) do
    if redis.call('HSETNX', key(to, 'said'), id, begun) == 1 then
      store(to, id, campaign, score, mosaic)
    end
    if answer ~= '' and not is_removed(to, id) then
      redis.call('HSETNX', key(to, 'answers'), id, answer)
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
redis.call('UNLINK', prefix .. 'next', prefix .. 'begun')
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
