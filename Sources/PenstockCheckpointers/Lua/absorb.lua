-- Takes over a part of a session from another store, if the session stands here as the caller saw it.
--
-- KEYS[1] head   KEYS[2] the session's checkpoints   KEYS[3] the session's jobs
-- ARGV[1] the fence that the session has to have, or '' if it must have none
-- ARGV[2] epoch   ARGV[3] head   ARGV[4] owner   ARGV[5] standing, or ''   ARGV[6] created   ARGV[7] updated, both in µs
-- ARGV[8] prefix of checkpoints' keys   ARGV[9] prefix of jobs' records   ARGV[10] the session's time to live in ms, or ''
-- ARGV[11] bytes of the states of the checkpoints to remove
-- ARGV[12] how many checkpoints to remove   ARGV[13] how many to add   ARGV[14] how many jobs to remove   ARGV[15] how many to put
-- then for each checkpoint to remove: id; for each to add: id, step, checkpoint, bytes of its state, its timestamp as a score;
-- for each job to remove: id; for each to put: id, record, its time to live in ms.
-- Returns 1 if it is taken, 0 if the session stands otherwise, -1 if a checkpoint's id is another session's.
-- Preludes: head.lua, lifetime.lua, jobs.lua
local known = redis.call('HMGET', KEYS[1], 'fence', 'position', 'forgotten', 'ends', 'first_job')
if (known[1] or '') ~= ARGV[1] then return 0 end
local _, head = read_fence(known[1])
local count, bytes, clock, latest = read_position(known[2])
local stored = redis.call('ZCARD', KEYS[2])
local removals, additions = tonumber(ARGV[12]), tonumber(ARGV[13])
local job_removals, job_puts = tonumber(ARGV[14]), tonumber(ARGV[15])
local first_addition = 16 + removals
local first_job_removal = first_addition + 5 * additions
local first_job_put = first_job_removal + job_removals

for place = first_addition, first_job_removal - 1, 5 do
  local id = ARGV[place]
  if redis.call('EXISTS', ARGV[8] .. id) == 1 and not redis.call('ZSCORE', KEYS[2], id) then return -1 end
end

if stored == 0 then bytes = 0 elseif count ~= stored then bytes = -1 end
if bytes >= 0 then bytes = bytes - ARGV[11] end
for place = 16, first_addition - 1 do
  redis.call('ZREM', KEYS[2], ARGV[place])
  redis.call('UNLINK', ARGV[8] .. ARGV[place])
end
local added = false
for place = first_addition, first_job_removal - 1, 5 do
  local id, step, score = ARGV[place], tonumber(ARGV[place + 1]), ARGV[place + 4]
  if not redis.call('ZSCORE', KEYS[2], id) then
    -- The order of the sorted set is that of the steps, whatever the writers' clocks said.
    if tonumber(score) <= tonumber(clock) and step > head then score = string.format('%.6f', clock + 0.000001) end
    if tonumber(score) > tonumber(clock) then clock = score end
    redis.call('SET', ARGV[8] .. id, ARGV[place + 2])
    redis.call('ZADD', KEYS[2], score, id)
    if bytes >= 0 then bytes = bytes + ARGV[place + 3] end
    added = true
  end
end
for place = first_job_removal, first_job_put - 1 do
  local is_first = known[5] == ARGV[place]
  if is_first then redis.call('HDEL', KEYS[1], 'first_job') end
  if redis.call('ZREM', KEYS[3], ARGV[place]) == 1 or is_first then redis.call('UNLINK', ARGV[9] .. ARGV[place]) end
end
for place = first_job_put, first_job_put + 3 * job_puts - 1, 3 do
  redis.call('SET', ARGV[9] .. ARGV[place], ARGV[place + 1], 'PX', ARGV[place + 2])
  note_job(KEYS[3], ARGV[place], ARGV[place + 2])
end

if added or removals > 0 then latest = '' end
redis.call('HSET', KEYS[1], 'fence', write_fence(ARGV[2], ARGV[3], ARGV[4]),
  'position', write_position(redis.call('ZCARD', KEYS[2]), bytes, clock, latest),
  'created', ARGV[6], 'updated', ARGV[7])
if ARGV[5] == '' then redis.call('HDEL', KEYS[1], 'standing') else redis.call('HSET', KEYS[1], 'standing', ARGV[5]) end
if known[3] and tonumber(known[3]) > tonumber(ARGV[2]) then redis.call('HSET', KEYS[1], 'forgotten', ARGV[2]) end
local ends = known[4]
if added and ends then ends = '0' end
prolong(KEYS[1], KEYS[2], ARGV[8], ARGV[10], ends)
return 1
