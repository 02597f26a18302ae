-- Writes a checkpoint, the job's record and the session's standing, if the writer is the last opener and has seen the head.
--
-- KEYS[1] head   KEYS[2] the session's checkpoints   KEYS[3] the checkpoint   KEYS[4] the job's record
-- ARGV[1] epoch   ARGV[2] owner   ARGV[3] the head that the writer saw
-- ARGV[4] step   ARGV[5] checkpoint id   ARGV[6] checkpoint   ARGV[7] bytes of its state   ARGV[8] its timestamp, in µs
-- ARGV[9] flow   ARGV[10] version   ARGV[11] status   ARGV[12] now, in µs
-- ARGV[13] job's record   ARGV[14] its time to live in ms
-- ARGV[15] prefix of checkpoints' keys   ARGV[16] the session's time to live in ms, or ''
-- Returns 1 if it is written, now or by an earlier try; 0 if another has opened the session; -1 if the checkpoint's id is taken.
-- Prelude: lifetime.lua
local known = redis.call('HMGET', KEYS[1], 'epoch', 'owner', 'head', 'clock', 'checkpoints', 'bytes', 'ends')
-- Fails on a key of another type, which must happen before the first write.
local mine = redis.call('ZSCORE', KEYS[2], ARGV[5])
if known[1] ~= ARGV[1] or known[2] ~= ARGV[2] or known[3] ~= ARGV[3] then
  return mine and redis.call('EXISTS', KEYS[3]) or 0
end
-- The order of the sorted set is that of the steps, whatever the writer's clock says.
local clock = tonumber(ARGV[8])
if known[4] and clock <= tonumber(known[4]) then clock = known[4] + 1 end
local bytes = known[6]
if bytes ~= '' then bytes = string.format('%.0f', bytes + ARGV[7]) end

if not redis.call('SET', KEYS[3], ARGV[6], 'NX') then return -1 end
redis.call('ZADD', KEYS[2], string.format('%.6f', clock / 1000000), ARGV[5])
redis.call('HSET', KEYS[1], 'head', ARGV[4], 'latest', ARGV[5], 'clock', string.format('%.0f', clock),
  'checkpoints', known[5] + 1, 'bytes', bytes,
  'flow', ARGV[9], 'version', ARGV[10], 'status', ARGV[11], 'updated', ARGV[12])
redis.call('SET', KEYS[4], ARGV[13], 'PX', ARGV[14])
prolong(KEYS[1], KEYS[2], ARGV[15], ARGV[16], known[7], KEYS[3])
return 1
