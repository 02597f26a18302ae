-- Writes the job's record and the session's standing without a checkpoint, if the writer is the last opener and has seen the head.
--
-- KEYS[1] head   KEYS[2] the session's checkpoints   KEYS[3] the job's record
-- ARGV[1] epoch   ARGV[2] owner   ARGV[3] the head that the writer saw
-- ARGV[4] flow   ARGV[5] version   ARGV[6] status   ARGV[7] now, in µs
-- ARGV[8] job's record   ARGV[9] its time to live in ms
-- ARGV[10] prefix of checkpoints' keys   ARGV[11] the session's time to live in ms, or ''
-- Returns 1 if it is written, 0 if another has opened the session.
-- Prelude: lifetime.lua
local known = redis.call('HMGET', KEYS[1], 'epoch', 'owner', 'head', 'ends')
if known[1] ~= ARGV[1] or known[2] ~= ARGV[2] or known[3] ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], 'flow', ARGV[4], 'version', ARGV[5], 'status', ARGV[6], 'updated', ARGV[7])
redis.call('SET', KEYS[3], ARGV[8], 'PX', ARGV[9])
prolong(KEYS[1], KEYS[2], ARGV[10], ARGV[11], known[4])
return 1
