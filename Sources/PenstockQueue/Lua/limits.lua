-- Stands behind the prelude of the scripts that start jobs or end them: how many of a queue or a flow may run, and start.
--
-- `limits` is a hash: `<scope>:running`, `<scope>:rate` (starts a second), where a scope is queue:<queue> or flow:<flow>.
-- `running:<scope>` is a set of job ids; who has ended or come back since is struck off when it is full: so nothing that happens to a worker
-- leaves a place taken. `rate:<scope>` is a bucket that holds a tenth of a second's starts, and at least one.
-- `held:<flow>` is a list of jobs that wait for a place of their flow, as queue and message; `held` indexes the flows that have any.
-- `admitted:<flow>` is a set of the ids of those that were let back into their queues and have not been claimed yet.

local limits = prefix .. 'limits'

-- How many of a set's jobs stand as they should; when there may be more than `most`, those that do not are struck off.
local function count(set, status, most)
  if redis.call('SCARD', set) > most then
    for _, id in ipairs(redis.call('SMEMBERS', set)) do
      if redis.call('HGET', key('job', id), 'status') ~= status then redis.call('SREM', set, id) end
    end
  end
  return redis.call('SCARD', set)
end

-- The starts that a scope's bucket holds now.
local function tokensOf(scope, rate, now)
  local bucket = redis.call('HMGET', key('rate', scope), 'tokens', 'at')
  local most = math.max(1, rate / 10)
  if not bucket[1] then return most end
  return math.min(most, bucket[1] + math.max(0, now - bucket[2]) * rate / 1000)
end

-- How many of a scope may start now, at most `wanted`; the milliseconds after which more may, if these are fewer; whether those
-- that run are counted, and how many may start a second, for `start`.
local function roomOf(scope, wanted, now)
  local known = redis.call('HMGET', limits, scope .. ':running', scope .. ':rate')
  local most, rate = tonumber(known[1]), tonumber(known[2])
  local room, wait = wanted, 0
  if most then
    room = math.max(0, math.min(room, most - count(key('running', scope), 'running', most - wanted)))
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
    redis.call('EXPIRE', key('rate', scope), 60)
  end
end

-- Lets jobs that wait for a place of their flow back into their queues, first in front, as many as there are places for.
local function admit(flow, now)
  local held, admitted = key('held', flow), key('admitted', flow)
  local entries = {}
  local wanted = math.min(redis.call('LLEN', held), 1000)
  local room = roomOf('flow:' .. flow, wanted, now)
  room = room - count(admitted, 'waiting', room - wanted)
  for _ = 1, room do entries[#entries + 1] = redis.call('LPOP', held) end
  for index = #entries, 1, -1 do
    local queue, raw, job = entryOf(entries[index])
    redis.call('RPUSH', key('queue', queue), raw)
    redis.call('SADD', admitted, job.id)
  end
  if redis.call('EXISTS', held) == 0 then redis.call('SREM', prefix .. 'held', flow) end
end

-- The same for the flow of a job that has just ended, if any of it wait.
local function admitAfter(id)
  if redis.call('EXISTS', prefix .. 'held') == 0 then return end
  local flow = redis.call('HGET', key('job', id), 'flow')
  if flow and redis.call('SISMEMBER', prefix .. 'held', flow) == 1 then admit(flow, milliseconds()) end
end
