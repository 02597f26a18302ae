-- Writes a checkpoint, the job's record and the session's standing, if the writer is the last opener and has seen the head.
--
-- KEYS[1] head   KEYS[2] the session's checkpoints   KEYS[3] the checkpoint   KEYS[4] the job's record
-- KEYS[5] the session's jobs
-- ARGV[1] the fence that the writer saw   ARGV[2] the fence afterwards   ARGV[3] standing
-- ARGV[4] checkpoint id   ARGV[5] checkpoint   ARGV[6] bytes of its state   ARGV[7] its timestamp as a score
-- ARGV[8] job's record, '' when it stays as it is   ARGV[9] its time to live in ms
-- ARGV[10] prefix of checkpoints' keys   ARGV[11] the session's time to live in ms, or ''   ARGV[12] job id
-- ARGV[13] when the session came into being, in µs, if this save is to make it, else ''
-- Returns 1 if it is written, now or by an earlier try; 0 if another has opened the session; -1 if the checkpoint's id is taken.
-- Preludes: head.lua, lifetime.lua, jobs.lua
local known = redis.call('HMGET', KEYS[1], 'fence', 'position', 'ends', 'first_job')
-- What llmfy has written meanwhile, only an opener can make sense of.
local is_new = ARGV[13] ~= '' and not known[1] and redis.call('EXISTS', KEYS[2]) == 0
if is_new then known[1], known[2] = no_fence, no_position end
if known[1] ~= ARGV[1] then return redis.call('ZSCORE', KEYS[2], ARGV[4]) and redis.call('EXISTS', KEYS[3]) or 0 end
local count, bytes, clock = read_position(known[2])
-- The order of the sorted set is that of the steps, whatever the writer's clock says.
local score = ARGV[7]
if tonumber(score) <= tonumber(clock) then score = string.format('%.6f', clock + 0.000001) end
if bytes >= 0 then bytes = bytes + ARGV[6] end

-- First what fails on a key of another type, so that nothing is written then.
local is_added = redis.call('ZADD', KEYS[2], 'NX', score, ARGV[4]) == 1
if not redis.call('SET', KEYS[3], ARGV[5], 'NX') then
  if is_added then redis.call('ZREM', KEYS[2], ARGV[4]) end
  return -1
end
-- A checkpoint that somebody deleted, and not from the sorted set.
if not is_added then redis.call('ZADD', KEYS[2], score, ARGV[4]) end
local position = write_position(count + 1, bytes, score, ARGV[4])
if is_new then
  redis.call('HSET', KEYS[1], 'fence', ARGV[2], 'position', position, 'standing', ARGV[3], 'created', ARGV[13], 'updated', ARGV[13],
    'first_job', ARGV[12])
else
  redis.call('HSET', KEYS[1], 'fence', ARGV[2], 'position', position, 'standing', ARGV[3])
end
if ARGV[8] ~= '' then
  redis.call('SET', KEYS[4], ARGV[8], 'PX', ARGV[9])
  if not is_new and known[4] ~= ARGV[12] then note_job(KEYS[5], ARGV[12], ARGV[9]) end
end
prolong(KEYS[1], KEYS[2], ARGV[10], ARGV[11], known[3], KEYS[3])
return 1
