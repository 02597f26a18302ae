-- Forgets a session's checkpoints, its flow, and by their epoch its jobs; keeps its head, and shuts out its writer.
--
-- KEYS[1] head   KEYS[2] the session's checkpoints
-- ARGV[1] prefix of checkpoints' keys   ARGV[2] now, in µs
-- Returns 1, or 0 if the session was never seen.
-- Prelude: position.lua
local known = redis.call('HMGET', KEYS[1], 'epoch', 'head', 'checkpoints', 'created')
local count = redis.call('ZCARD', KEYS[2])
if not known[1] and count == 0 then return 0 end
local head = tonumber(known[2]) or 0
if tonumber(known[3]) ~= count then
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
redis.call('UNLINK', KEYS[2])
local epoch = string.format('%.0f', (tonumber(known[1]) or 0) + 1)
redis.call('HSET', KEYS[1], 'epoch', epoch, 'owner', '', 'forgotten', epoch, 'head', string.format('%.0f', head),
  'checkpoints', 0, 'bytes', 0, 'latest', '', 'created', known[4] or ARGV[2], 'updated', ARGV[2])
redis.call('HDEL', KEYS[1], 'flow', 'version', 'status')
return 1
