-- Moves a cron entry from an occurrence to its next, and enqueues the job of an occurrence: each occurrence's by one call only.
--
-- KEYS[1] cron
-- ARGV[1] prefix   [2] worker   [3] call number   [4] name   [5] revision   [6] the next occurrence as it is stored, in ms since 1970
-- ARGV[7] the next occurrence from now on   [8] the occurrence that the job is for, or empty for no job
-- ARGV[9] queue   [10] the job's id   [11] session   [12] flow   [13] message
-- Returns 1 if the job was enqueued; 2 if the entry moved on without one, because none was given or its id was known; 0 if the entry was
-- changed, paused or removed, or has moved on already. The same again for the same call number.

local worker, call, name = ARGV[2], ARGV[3], ARGV[4]
local before = answered(worker, 'cron', call)
if before then return before end

local entry = key('cron', name)
local known = redis.call('HMGET', entry, 'revision', 'next', 'paused')
if known[1] ~= ARGV[5] or known[2] ~= ARGV[6] or known[3] == '1' then return 0 end
local fires = false
if ARGV[8] ~= '' then
  local kind = redis.call('TYPE', key('queue', ARGV[9])).ok
  if kind ~= 'none' and kind ~= 'list' then
    return redis.error_reply('WRONGTYPE ' .. key('queue', ARGV[9]) .. ' is a ' .. kind .. ', not a list')
  end
  fires = redis.call('EXISTS', key('job', ARGV[10])) == 0 and not noteOf(ARGV[10])
end

if fires then
  redis.call('HSET', key('job', ARGV[10]), 'status', 'waiting', 'queue', ARGV[9], 'session', ARGV[11], 'flow', ARGV[12],
    'created_at', milliseconds())
  redis.call('LPUSH', key('queue', ARGV[9]), ARGV[13])
  redis.call('HSET', entry, 'last', ARGV[8], 'last_job', ARGV[10])
end
redis.call('HSET', entry, 'next', ARGV[7])
redis.call('HDEL', entry, 'error')
redis.call('ZADD', KEYS[1], ARGV[7], name)
return remember(worker, 'cron', call, fires and 1 or 2)
