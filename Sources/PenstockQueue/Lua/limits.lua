-- Stands behind the prelude of the scripts that start jobs or end them: how many of a queue or a flow may run, and start.
--
-- `limits` is a hash: `<scope>:running`, `<scope>:rate` (starts a second), where a scope is queue:<queue> or flow:<flow>.
-- `running:<scope>` is a set of job ids; who has ended or come back since is struck off when it is full: so nothing that happens to a worker
-- leaves a place taken. `rate:<scope>` is a bucket that holds a tenth of a second's starts, and at least one.
-- `held:<flow>` is a list of jobs that wait for a place of their flow, as queue and message; `held` indexes the flows that have any, and
-- `held_in` counts them by queue.
-- `admitted:<flow>` has the ids of those that were let back into their queues and have not been claimed yet, by when that was. For some
-- seconds a place is kept for each: its queue may be paused, or have no workers, and others wait too.

local limits = prefix .. 'limits'

-- Counts a job of a queue in or out of those that are held.
local function countHeld(queue, by)
  if redis.call('HINCRBY', prefix .. 'held_in', queue, by) <= 0 then redis.call('HDEL', prefix .. 'held_in', queue) end
end

-- How many of a scope's jobs run; when there may be more than `most`, those that do not are struck off.
local function count(running, most)
  if redis.call('SCARD', running) > most then
    for _, id in ipairs(redis.call('SMEMBERS', running)) do
      if redis.call('HGET', key('job', id), 'status') ~= 'running' then redis.call('SREM', running, id) end
    end
  end
  return redis.call('SCARD', running)
end

-- How many places are kept for jobs of a flow that were let back; those that wait no longer are struck off when they may be too many.
local function countAdmitted(flow, most, now)
  local admitted, since = key('admitted', flow), string.format('%.0f', now - 5000)
  if redis.call('ZCOUNT', admitted, since, '+inf') > most then
    for _, id in ipairs(redis.call('ZRANGE', admitted, 0, -1)) do
      if redis.call('HGET', key('job', id), 'status') ~= 'waiting' then redis.call('ZREM', admitted, id) end
    end
  end
  return redis.call('ZCOUNT', admitted, since, '+inf')
end

-- The starts that a scope's bucket holds now.
local function tokensOf(scope, rate, now)
  local bucket = redis.call('HMGET', key('rate', scope), 'tokens', 'at')
  local most = math.max(1, rate / 10)
  -- Redis' clock may have been set back since.
  if not bucket[1] or tonumber(bucket[2]) > tonumber(now) then return most end
  return math.min(most, bucket[1] + (now - bucket[2]) * rate / 1000)
end

-- How many of a scope may start now, at most `wanted`; the milliseconds after which more may, if these are fewer; whether those
-- that run are counted, and how many may start a second, for `start`.
local function roomOf(scope, wanted, now)
  local known = redis.call('HMGET', limits, scope .. ':running', scope .. ':rate')
  local most, rate = tonumber(known[1]), tonumber(known[2])
  local room, wait = wanted, 0
  if most then
    room = math.max(0, math.min(room, most - count(key('running', scope), most - wanted)))
    if room < wanted then wait = 250 end
  end
  if rate then
    local tokens = tokensOf(scope, rate, now)
    if math.floor(tokens) < room then
      room = math.floor(tokens)
      wait = math.max(wait, math.ceil((1 - (tokens - room)) * 1000 / rate))
    end
  end
  return room, wait, most ~= nil, rate
end

-- Notes that jobs start, each of which `roomOf` had room for.
local function start(scope, ids, now, isCounted, rate)
  if #ids == 0 then return end
  if isCounted then redis.call('SADD', key('running', scope), unpack(ids)) end
  if rate then
    local tokens = tokensOf(scope, rate, now) - #ids
    redis.call('HSET', key('rate', scope), 'tokens', string.format('%.6f', tokens), 'at', string.format('%.0f', now))
    -- Longer than it takes to be full again.
    redis.call('EXPIRE', key('rate', scope), math.max(60, math.ceil(1 / rate) + 1))
  end
end

-- Lets jobs that wait for a place of their flow back into their queues, first in front, as many as there are places for.
local function admit(flow, now)
  local held, admitted = key('held', flow), key('admitted', flow)
  local entries, resting = {}, {}
  local wanted = math.min(redis.call('LLEN', held), 1000)
  local room = roomOf('flow:' .. flow, wanted, now)
  room = room - countAdmitted(flow, room - wanted, now)
  for _ = 1, wanted do
    if #entries >= room then break end
    local entry = redis.call('LPOP', held)
    local rests = redis.call('SISMEMBER', prefix .. 'paused', string.match(entry, '^%S+')) == 1
    local list = rests and resting or entries
    list[#list + 1] = entry
  end
  -- Of those that were purged, or claimed elsewhere, nothing is left a day later.
  redis.call('ZREMRANGEBYSCORE', admitted, '-inf', string.format('%.0f', now - 86400000))
  for index = #resting, 1, -1 do redis.call('LPUSH', held, resting[index]) end
  for index = #entries, 1, -1 do
    local queue, raw, job = entryOf(entries[index])
    redis.call('RPUSH', key('queue', queue), raw)
    countHeld(queue, -1)
    redis.call('ZADD', admitted, string.format('%.0f', now), job.id)
  end
  if redis.call('EXISTS', held) == 0 then redis.call('SREM', prefix .. 'held', flow) end
end

-- The same for the flow of a job that has just ended, if any of it wait.
local function admitAfter(id)
  if redis.call('EXISTS', prefix .. 'held') == 0 then return end
  local flow = redis.call('HGET', key('job', id), 'flow')
  if flow and redis.call('SISMEMBER', prefix .. 'held', flow) == 1 then admit(flow, milliseconds()) end
end
