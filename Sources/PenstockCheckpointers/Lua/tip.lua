-- Where a session stands: KEYS[1] head   KEYS[2] the session's checkpoints   ARGV[1] prefix of checkpoints' keys
-- Returns {epoch, owner, head, standing, created, updated, id of the latest checkpoint}; nil for each that is not there.
-- Preludes: head.lua, position.lua
local known = redis.call('HMGET', KEYS[1], 'fence', 'position', 'standing', 'created', 'updated')
local count = redis.call('ZCARD', KEYS[2])
local epoch, head, owner = read_fence(known[1])
local counted, _, _, latest = read_position(known[2])
if counted ~= count or latest == '' then
  local found, start = find_position(KEYS[2], ARGV[1])
  latest = start or found
end
if not known[1] then return {false, false, false, false, false, false, latest or false} end
return {epoch, owner, head, known[3], known[4], known[5], latest or false}
