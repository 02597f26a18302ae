-- Writes a checkpoint, the job's record and the session's standing, if the writer is the last opener and has seen the head.
--
-- KEYS[1] head   KEYS[2] the session's checkpoints   KEYS[3] the checkpoint
-- ARGV[1] the fence that the writer saw   ARGV[2] the fence afterwards   ARGV[3] standing
-- ARGV[4] checkpoint id   ARGV[5] checkpoint   ARGV[6] bytes of its state   ARGV[7] its timestamp as a score
-- ARGV[8] the session's time to live in ms, or ''
-- where the job's record is written too: KEYS[4] that   KEYS[5] the session's jobs
-- ARGV[9] job id, or ''   ARGV[10] the record   ARGV[11] its time to live in ms
-- if this save is to make the session: ARGV[12] when it came into being, in µs, or ''
-- and if it is to be made only while a claim is its holder's: KEYS[6] the lock   ARGV[13] what it has to be
-- Returns 1 if it is written, now or by an earlier try; 0 if another has opened the session; -1 if the checkpoint's id is taken; -2 if
-- the lock is not so.
--
-- This part stands in front of the preludes, and does without them: most saves end here, and every function that is made costs. Where
-- something is to follow in the same step, it stands behind all of this, and its answer counts for a save that has been written just now.

local job, created = ARGV[9] ~= '' and ARGV[9], ARGV[12] ~= '' and ARGV[12]
local known = redis.call('HMGET', KEYS[1], 'fence', 'position', 'ends', 'first_job')
local fence, position = known[1], known[2]
-- What llmfy has written meanwhile, only an opener can make sense of.
local is_new = created and not fence and redis.call('EXISTS', KEYS[2]) == 0
if is_new then fence, position = '0 0 ', '0 0 0 ' end
if fence ~= ARGV[1] then return redis.call('ZSCORE', KEYS[2], ARGV[4]) and redis.call('EXISTS', KEYS[3]) or 0 end
if ARGV[13] and redis.call('GET', KEYS[6]) ~= ARGV[13] then return -2 end
-- As head.lua reads it, and below as head.lua writes it.
local count, bytes, clock = string.match(position or '-1 -1 0', '^(%-?%d+) (%-?%d+) (%S+)')
-- The order of the sorted set is that of the steps, whatever the writer's clock says.
local score = ARGV[7]
if tonumber(score) <= tonumber(clock) then score = string.format('%.6f', clock + 0.000001) end
if tonumber(bytes) >= 0 then bytes = bytes + ARGV[6] end

-- First what fails on a key of another type, so that nothing is written then.
local is_added = redis.call('ZADD', KEYS[2], 'NX', score, ARGV[4]) == 1
if not redis.call('SET', KEYS[3], ARGV[5], 'NX') then
  if is_added then redis.call('ZREM', KEYS[2], ARGV[4]) end
  return -1
end
-- A checkpoint that somebody deleted, and not from the sorted set.
if not is_added then redis.call('ZADD', KEYS[2], score, ARGV[4]) end
position = count + 1 .. ' ' .. bytes .. ' ' .. score .. ' ' .. ARGV[4]
if is_new then
  redis.call('HSET', KEYS[1], 'fence', ARGV[2], 'position', position, 'standing', ARGV[3], 'created', created, 'updated', created,
    'first_job', job or '')
else
  redis.call('HSET', KEYS[1], 'fence', ARGV[2], 'position', position, 'standing', ARGV[3])
end
if job then redis.call('SET', KEYS[4], ARGV[10], 'PX', ARGV[11]) end

local is_another_job = job and not is_new and known[4] ~= job
local is_plain = not is_another_job and ARGV[8] == '' and not known[3]
