-- Sends a buried job again, with fresh counters: to the left end of its queue, like a new one.
--
-- KEYS[1] dead
-- ARGV[1] prefix   [2] id among the dead
-- Returns {'sent', the job's id (empty if it has none)}, {'unknown'} if there is no such dead, or {'duplicate', the id of
-- a job that has not ended and has its unique key}: then it stays where it is.

local record = key('dead', ARGV[2])
local found = redis.call('HMGET', record, 'message', 'queue', 'id')
if not found[1] then return {'unknown'} end
-- Another's record, if the message came with an id that was not its own: then it has another name among the dead.
local isOwn = found[3] == ARGV[2] and redis.call('HGET', key('job', found[3]), 'status') == 'dead'
local job = isOwn and read(found[1])
if job and job.unique then
  local holder = takeUnique(job.unique, found[3])
  if holder then return {'duplicate', holder} end
end
redis.call('ZREM', KEYS[1], ARGV[2])
redis.call('DEL', record)
redis.call('LPUSH', key('queue', found[2]), found[1])
if isOwn then revive(found[3]) end
return {'sent', found[3]}
