-- Ends a claim whose job cannot be run (any more): keeps its exact bytes and the reason among the dead, within the cap.
--
-- KEYS[1] job hash
-- ARGV[1] prefix   [2] worker   [3] slot   [4] call number   [5] claim   [6] queue   [7] id, or empty   [8] session   [9] message
-- ARGV[10] 1 if the job's record is its own (not that of another job with its id, nor of none)   [11] id among the dead
-- ARGV[12] reason   [13] error   [14] node   [15] checkpoint   [16] 1 if an attempt failed   [17] notice for those who wait
-- ARGV[18] seconds that the notice is kept   [19] most dead   [20] seconds that the dead are kept   [21] flow
-- Returns {1} if the claim was this worker's, {0} if it was not.

local worker, slot, call, claim = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local queue, id, session, raw, name = ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[11]

local before = answered(worker, slot, call)
if before then return before end
if not take(worker, queue, raw, session, id, claim) then return {0} end

local now = milliseconds()
local attempts, crashes = '0', '0'
if ARGV[10] == '1' then
  if ARGV[16] == '1' then redis.call('HINCRBY', KEYS[1], 'attempts', 1) end
  redis.call('HSET', KEYS[1], 'status', 'dead', 'claim', '', 'error', ARGV[13], 'node', ARGV[14], 'ended_at', now)
  redis.call('EXPIRE', KEYS[1], ARGV[20])
  local counts = redis.call('HMGET', KEYS[1], 'attempts', 'crashes')
  attempts, crashes = counts[1] or '0', counts[2] or '0'
  tell(key('ended', id), ARGV[17], ARGV[18])
  freeUnique(raw, id)
elseif id ~= '' and redis.call('EXISTS', KEYS[1]) == 0 and not noteOf(id) then
  tell(key('ended', id), ARGV[17], ARGV[18])
end
redis.call('HSET', key('dead', name), 'message', raw, 'queue', queue, 'id', id, 'session', session, 'flow', ARGV[21],
  'reason', ARGV[12], 'error', ARGV[13], 'node', ARGV[14], 'checkpoint', ARGV[15], 'attempts', attempts,
  'crashes', crashes, 'buried_at', now)
redis.call('ZADD', prefix .. 'dead', now, name)

local function forget(names)
  for _, old in ipairs(names) do
    redis.call('DEL', key('dead', old))
    redis.call('ZREM', prefix .. 'dead', old)
  end
end
forget(redis.call('ZRANGE', prefix .. 'dead', 0, -1 - tonumber(ARGV[19])))
forget(redis.call('ZRANGEBYSCORE', prefix .. 'dead', '-inf', now - ARGV[20] * 1000, 'LIMIT', 0, 10))

unlock(session, claim)
passToQueue(session, id)
admitAfter(id)
return remember(worker, slot, call, {1})
