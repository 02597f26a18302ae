-- Forgets a session's checkpoints, its flow, and by their epoch its jobs; keeps its head, and shuts out its writer.
--
-- KEYS[1] head   KEYS[2] the session's checkpoints   KEYS[3] the session's jobs
-- ARGV[1] prefix of checkpoints' keys   ARGV[2] now, in µs
-- Returns 1, or 0 if the session was never seen.
-- Preludes: head.lua, position.lua
local known = redis.call('HMGET', KEYS[1], 'fence', 'position', 'created')
local count = redis.call('ZCARD', KEYS[2])
if not known[1] and count == 0 then return 0 end
local epoch, head = read_fence(known[1])
local counted, _, clock = read_position(known[2])
if counted ~= count then
  local _, _, step = find_position(KEYS[2], ARGV[1])
  head = math.max(head, step)
end
-- Few enough at a time for unpack.
local page = 500
for from = 0, count - 1, page do
  local keys = redis.call('ZRANGE', KEYS[2], from, from + page - 1)
  for place, id in ipairs(keys) do keys[place] = ARGV[1] .. id end
  redis.call('UNLINK', unpack(keys))
end
redis.call('UNLINK', KEYS[2], KEYS[3])
redis.call('HSET', KEYS[1], 'fence', write_fence(epoch + 1, head, ''), 'position', write_position(0, 0, clock, ''),
  'forgotten', string.format('%.0f', epoch + 1), 'created', known[3] or ARGV[2], 'updated', ARGV[2])
redis.call('HDEL', KEYS[1], 'standing', 'first_job')
return 1
