-- Forgets a checkpoint and shuts out the session's writer.
--
-- KEYS[1] head   KEYS[2] the session's checkpoints   KEYS[3] the checkpoint
-- ARGV[1] checkpoint id   ARGV[2] its step   ARGV[3] bytes of its state   ARGV[4] now, in µs
-- Returns 1, or 0 if the session has no such checkpoint.
local known = redis.call('HMGET', KEYS[1], 'epoch', 'head', 'checkpoints', 'bytes', 'latest', 'created')
if redis.call('ZREM', KEYS[2], ARGV[1]) == 0 then return 0 end
redis.call('UNLINK', KEYS[3])
local fields = {'epoch', string.format('%.0f', (tonumber(known[1]) or 0) + 1), 'owner', '', 'updated', ARGV[4],
  'created', known[6] or ARGV[4],
  'head', string.format('%.0f', math.max(tonumber(known[2]) or 0, ARGV[2])),
  -- Of a session that only llmfy wrote nothing was counted: the next opener looks.
  'checkpoints', (tonumber(known[3]) or 0) - 1, 'bytes', ''}
if tonumber(known[4]) then fields[#fields] = known[4] - ARGV[3] end
if known[5] == ARGV[1] or not known[5] then
  fields[#fields + 1] = 'latest'
  fields[#fields + 1] = ''
end
redis.call('HSET', KEYS[1], unpack(fields))
return 1
