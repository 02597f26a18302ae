-- Sends a buried job again, with fresh counters: to the left end of its queue, like a new one.
--
-- KEYS[1] dead
-- ARGV[1] prefix   [2] id among the dead
-- Returns the job's id (empty if it has none), or nil if there is no such dead.

local record = key('dead', ARGV[2])
local found = redis.call('HMGET', record, 'message', 'queue', 'id')
if not found[1] then return false end
redis.call('ZREM', KEYS[1], ARGV[2])
redis.call('DEL', record)
redis.call('LPUSH', key('queue', found[2]), found[1])
-- Another's record, if the message came with an id that was not its own: then it has another name among the dead.
if found[3] == ARGV[2] and redis.call('HGET', key('job', found[3]), 'status') == 'dead' then revive(found[3]) end
return found[3]
