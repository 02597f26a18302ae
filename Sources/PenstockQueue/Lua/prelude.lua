-- Stands in front of every script here: what they share.
--
-- KEYS[1] is a key of ours that routes the call (on a cluster, the prefix carries one hash tag for all of them);
-- ARGV[1] is the prefix. Messages are read with cjson and never written back through it.

local prefix = ARGV[1]

local function key(kind, name)
  return prefix .. kind .. ':' .. name
end

local function milliseconds()
  local now = redis.call('TIME')
  return now[1] * 1000 + math.floor(now[2] / 1000)
end

-- Whether it is an identifier: 1 to 255 of A-Z a-z 0-9 _ . : -
local function identifies(text)
  return type(text) == 'string' and #text > 0 and #text <= 255 and not string.find(text, '[^%w_.:-]')
end

-- What the scripts go by: {id, session, flow}, id nil where the message has none; nil if it cannot be read.
-- A worker checks the message in full, and buries one that it reads otherwise.
local function read(raw)
  if not string.find(raw, '^%s*{%s*"') then return nil end
  local fine, message = pcall(cjson.decode, raw)
  if not fine or type(message) ~= 'table' then return nil end
  local id, session, flow = message.id, message.session_id, message.flow
  if id ~= nil and not identifies(id) then return nil end
  if session ~= nil and not identifies(session) then return nil end
  if not identifies(flow) then return nil end
  return {id = id, session = session or id, flow = flow}
end

-- The last answer of a caller's slot, if it was given to the call of this number.
local function answered(worker, slot, call)
  local last = redis.call('HGET', key('answers', worker), slot)
  if not last then return nil end
  local unpacked = cmsgpack.unpack(last)
  if unpacked[1] == call then return unpacked[2] end
  return nil
end

-- Keeps the answer for the case that the call comes again because its reply was lost.
local function remember(worker, slot, call, answer)
  redis.call('HSET', key('answers', worker), slot, cmsgpack.pack({call, answer}))
  return answer
end

-- Takes a message out of the worker's processing list, if the claim is still its own.
local function take(worker, queue, raw, session, claim)
  if session ~= '' then
    local holder = redis.call('GET', key('lock', session))
    if holder and holder ~= claim then return false end
  end
  return redis.call('LREM', key('processing', worker .. ':' .. queue), 1, raw) == 1
end

local function unlock(session, claim)
  if session ~= '' and redis.call('GET', key('lock', session)) == claim then
    redis.call('DEL', key('lock', session))
  end
end

-- Passes a session's turn on from job `id` to the first parked job, or frees it.
-- Returns the queue and the message of the job whose turn it is now, out of the parked list; nil if nothing was parked.
local function pass(session, id)
  local turn = key('turn', session)
  if session == '' or redis.call('GET', turn) ~= id then return nil end
  local parked = key('parked', session)
  local entry = redis.call('LPOP', parked)
  if not entry then
    redis.call('DEL', turn)
    return nil
  end
  if redis.call('EXISTS', parked) == 0 then redis.call('SREM', prefix .. 'parked', session) end
  local queue, raw = string.match(entry, '^(%S+) (.*)$')
  local job = read(raw)
  redis.call('SET', turn, job.id)
  return queue, raw, job
end

-- Passes the turn on and puts the job whose turn it is now first in its queue.
local function passToQueue(session, id)
  local queue, raw, job = pass(session, id)
  if queue then
    redis.call('RPUSH', key('queue', queue), raw)
    redis.call('HSET', key('job', job.id), 'status', 'waiting')
  end
end

-- Tells whoever waits for the job's end, once.
local function tell(id, notice, seconds)
  local ended = key('ended', id)
  redis.call('DEL', ended)
  redis.call('LPUSH', ended, notice)
  redis.call('EXPIRE', ended, seconds)
end
