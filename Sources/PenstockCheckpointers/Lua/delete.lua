-- Forgets a checkpoint and shuts out the session's writer.
--
-- KEYS[1] head   KEYS[2] the session's checkpoints   KEYS[3] the checkpoint
-- ARGV[1] checkpoint id   ARGV[2] its step   ARGV[3] bytes of its state   ARGV[4] now, in µs
-- Returns 1, or 0 if the session has no such checkpoint.
-- Prelude: head.lua
local known = redis.call('HMGET', KEYS[1], 'fence', 'position', 'standing', 'created')
if redis.call('ZREM', KEYS[2], ARGV[1]) == 0 then return 0 end
redis.call('UNLINK', KEYS[3])
local epoch, head = read_fence(known[1])
local count, bytes, clock, latest = read_position(known[2])
if latest == ARGV[1] then latest = '' end
if bytes >= 0 then bytes = bytes - ARGV[3] end
-- Of a session that only llmfy wrote nothing was counted, and the next opener looks.
if count >= 0 then count = count - 1 end
redis.call('HSET', KEYS[1], 'fence', write_fence(epoch + 1, math.max(head, ARGV[2]), ''),
  'position', write_position(count, bytes, clock, latest), 'created', known[4] or ARGV[4], 'updated', ARGV[4])
if known[3] then
  redis.call('HSET', KEYS[1], 'standing', (string.gsub(known[3], '^(%S+ %S+) %S+', '%1 ' .. ARGV[4])))
end
return 1
