-- Pushes a message that has an id, and notes the job as waiting, with fresh counters if it was dead.
--
-- KEYS[1] queue list
-- ARGV[1] prefix   [2] queue   [3] id   [4] session   [5] flow   [6] message
-- Returns the job's status from before, nil if it was not known, 'conflict' if it is known with another session or flow, or
-- 'unreadable' if the scripts would read the message otherwise: with either nothing was pushed.

local told = read(ARGV[6])
if not told or told.id ~= ARGV[3] or told.session ~= ARGV[4] or told.flow ~= ARGV[5] then return 'unreadable' end
local record = key('job', ARGV[3])
local known = redis.call('HMGET', record, 'status', 'session', 'flow')
local status = known[1]
if not status then
  redis.call('HSET', record, 'status', 'waiting', 'queue', ARGV[2], 'session', ARGV[4], 'flow', ARGV[5],
    'created_at', milliseconds())
elseif known[2] ~= ARGV[4] or known[3] ~= ARGV[5] then
  return 'conflict'
elseif status == 'dead' then
  revive(ARGV[3])
end
redis.call('LPUSH', KEYS[1], ARGV[6])
return status
