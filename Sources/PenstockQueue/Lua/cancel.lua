-- Marks a job to be cancelled: whoever claims it or runs it ends it. One that is scheduled comes due.
--
-- KEYS[1] job hash
-- ARGV[1] prefix   [2] id   [3] seconds that a mark is kept for a job that is not known yet, and the record of one that ends here
-- ARGV[4] seconds that a notice is kept
-- Returns the job's status, 'unknown' for one that no worker has seen: nothing was changed where that is an end.

local id = ARGV[2]
local known = redis.call('HMGET', KEYS[1], 'status', 'worker', 'place')
local status = known[1]
if isEnd(status) then return status end
local note = not status and noteOf(id)
if note then
  recordNote(id, note)
  status = 'waiting'
end
redis.call('HSET', KEYS[1], 'cancel', stamp())
if not status then
  redis.call('EXPIRE', KEYS[1], ARGV[3])
  return 'unknown'
end
if status == 'running' and known[2] then
  -- Its worker looks here once a second.
  redis.call('SADD', key('cancelling', known[2]), id)
  redis.call('EXPIRE', key('cancelling', known[2]), 60)
elseif status == 'scheduled' and known[3] then
  local entries = redis.call('ZRANGEBYSCORE', prefix .. 'scheduled', known[3], known[3])
  for _, entry in ipairs(entries) do
    local _, _, job = entryOf(entry)
    if job and job.id == id then comesDue(entry, ARGV[3], ARGV[4]) end
  end
end
return status
