-- Reads where a session stands, for a save that opens it, and changes nothing.
--
-- KEYS[1] head   KEYS[2] the session's checkpoints   KEYS[3] the job's record
-- ARGV[1] prefix of checkpoints' keys   ARGV[2] prefix of heads' keys   ARGV[3] session
-- Returns {epoch, owner, head, standing, created, updated, latest checkpoint, job's record, the epoch below which that job's record
-- is forgotten}; nil for each that is not there. An empty list where the opener has to look further: somebody else has written or
-- deleted.
-- Preludes: head.lua, found.lua
local known = redis.call('HMGET', KEYS[1], 'fence', 'position', 'standing', 'created', 'updated', 'forgotten')
local epoch, head, owner = read_fence(known[1])
local counted, _, _, latest = read_position(known[2] or no_position)
local count = redis.call('ZCARD', KEYS[2])
local blob = false
if latest ~= '' then blob = redis.call('GET', ARGV[1] .. latest) end
if counted ~= count or (count > 0 and not blob) then return {} end
local job, forgotten = find_job(KEYS[3], ARGV[3], ARGV[2], known[6])
return {epoch, owner, head, known[3], known[4], known[5], blob, job, forgotten}
