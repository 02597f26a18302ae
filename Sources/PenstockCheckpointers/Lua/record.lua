-- Writes the job's record and the session's standing without a checkpoint, if the writer is the last opener and has seen the head.
--
-- KEYS[1] head   KEYS[2] the session's checkpoints   KEYS[3] the job's record
-- KEYS[4] the session's jobs
-- ARGV[1] the fence that the writer saw   ARGV[2] standing
-- ARGV[3] job's record   ARGV[4] its time to live in ms
-- ARGV[5] prefix of checkpoints' keys   ARGV[6] the session's time to live in ms, or ''   ARGV[7] job id
-- ARGV[8] the fence afterwards   ARGV[9] when the session came into being, in µs, if this save is to make it, else ''
-- Returns 1 if it is written, now or by an earlier try; 0 if another has opened the session.
-- Preludes: head.lua, lifetime.lua, jobs.lua
local known = redis.call('HMGET', KEYS[1], 'fence', 'ends', 'first_job')
-- What llmfy has written meanwhile, only an opener can make sense of.
local is_new = ARGV[9] ~= '' and not known[1] and redis.call('EXISTS', KEYS[2]) == 0
if is_new then known[1] = no_fence end
if known[1] ~= ARGV[1] then return known[1] == ARGV[8] and 1 or 0 end
redis.call('HSET', KEYS[1], 'fence', ARGV[8], 'standing', ARGV[2])
if is_new then
  redis.call('HSET', KEYS[1], 'position', no_position, 'created', ARGV[9], 'updated', ARGV[9], 'first_job', ARGV[7])
end
redis.call('SET', KEYS[3], ARGV[3], 'PX', ARGV[4])
if not is_new and known[3] ~= ARGV[7] then note_job(KEYS[4], ARGV[7], ARGV[4]) end
prolong(KEYS[1], KEYS[2], ARGV[5], ARGV[6], known[2])
return 1
