-- Ends a claim whose job comes back: at once to the right end of its queue, or through `scheduled`.
--
-- KEYS[1] job hash
-- ARGV[1] prefix   [2] worker   [3] slot   [4] call number   [5] claim   [6] queue   [7] id   [8] session   [9] message
-- ARGV[10] wait in ms, 0 for none   [11] or due time, ms since 1970 by the server's clock, or empty
-- ARGV[12] 1 if it keeps the session's turn (later jobs of the session stay behind it)   [13] 1 if an attempt failed
-- ARGV[14] error, or empty   [15] node, or empty   [16] ms that the job may keep coming back like this, or 0 for ever
-- ARGV[17] 1 if the worker was interrupted
-- Returns {1} if the claim was this worker's, {0} if it was not. And the claim goes on as it was: {2} if the job has come back
-- like this for too long; {3} if the due time has passed already.

local worker, slot, call, claim = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local queue, id, session, raw = ARGV[6], ARGV[7], ARGV[8], ARGV[9]

local before = answered(worker, slot, call)
if before then return before end

if not holds(session, id, claim) then return {0} end
-- A message that holds no lock has no record of its own.
local owned = session ~= ''
local now, due, place = milliseconds(), nil, nil
if ARGV[11] ~= '' then
  due = tonumber(ARGV[11])
  if due <= now then return {3} end
elseif tonumber(ARGV[10]) > 0 then
  due = now + tonumber(ARGV[10])
end
if owned and ARGV[16] ~= '0' then
  redis.call('HSETNX', KEYS[1], 'waiting_since', now)
  if now - redis.call('HGET', KEYS[1], 'waiting_since') > tonumber(ARGV[16]) then return {2} end
end
if not take(worker, queue, raw, session, id, claim) then return {0} end

if due then
  local scheduled = prefix .. 'scheduled'
  local function lastBefore(bound)
    return redis.call('ZREVRANGEBYSCORE', scheduled, '(' .. string.format('%.0f', bound), due, 'WITHSCORES', 'LIMIT', 0, 1)[2]
  end
  -- What is due in the same millisecond keeps its order. Where there is no room left in it, it stands behind all of the next second.
  local last = lastBefore(due + 1)
  if last and tonumber(last) >= due + 1023 / 1024 then last = lastBefore(due + 1000) end
  place = string.format('%.10f', last and last + 1 / 1024 or due)
  redis.call('ZADD', scheduled, place, queue .. ' ' .. raw)
else
  redis.call('RPUSH', key('queue', queue), raw)
end
if owned then
  if due then
    redis.call('HSET', KEYS[1], 'status', 'scheduled', 'claim', '', 'due', due, 'place', place)
  else
    redis.call('HSET', KEYS[1], 'status', 'waiting', 'claim', '')
  end
  if ARGV[13] == '1' then redis.call('HINCRBY', KEYS[1], 'attempts', 1) end
  if ARGV[17] == '1' then redis.call('HINCRBY', KEYS[1], 'interruptions', 1) end
  if ARGV[14] ~= '' then redis.call('HSET', KEYS[1], 'error', ARGV[14], 'node', ARGV[15]) end
  if ARGV[16] == '0' then redis.call('HDEL', KEYS[1], 'waiting_since') end
end
unlock(session, claim)
if ARGV[12] ~= '1' then passToQueue(session, id) end
admitAfter(id)
return remember(worker, slot, call, {1})
