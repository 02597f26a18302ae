-- Pushes a message that has an id, and notes the job as waiting, with fresh counters if it was dead.
--
-- KEYS[1] queue list
-- ARGV[1] prefix   [2] queue   [3] id   [4] session   [5] flow   [6] message
-- Returns the job's status from before, or nil if it was not known.

local record = key('job', ARGV[3])
local status = redis.call('HGET', record, 'status')
if not status then
  redis.call('HSET', record, 'status', 'waiting', 'queue', ARGV[2], 'session', ARGV[4], 'flow', ARGV[5],
    'created_at', milliseconds())
elseif status == 'dead' then
  -- Sent again: whoever waits for its end must not take the old one for it.
  redis.call('HSET', record, 'status', 'waiting', 'attempts', 0, 'crashes', 0, 'crash_base', 0, 'error', '')
  redis.call('PERSIST', record)
  redis.call('DEL', key('ended', ARGV[3]))
end
redis.call('LPUSH', KEYS[1], ARGV[6])
return status
