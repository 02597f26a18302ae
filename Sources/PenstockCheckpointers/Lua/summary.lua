-- Sums sessions up.
--
-- KEYS: of each session, its head and its checkpoints
-- ARGV[1] prefix of checkpoints' keys   ARGV[2] 1 to read the latest checkpoints too, 0 to leave them
-- Returns for each session {epoch, owner, head, standing, created, updated, checkpoints, bytes, latest checkpoint, when llmfy
-- wrote last}, nil for each that is not there, and an empty list for a session that was never seen.
-- Preludes: head.lua, position.lua
local answer = {}
for place = 1, #KEYS, 2 do
  local rows = KEYS[place + 1]
  local known = redis.call('HMGET', KEYS[place], 'fence', 'position', 'standing', 'created', 'updated')
  local count = redis.call('ZCARD', rows)
  local created, updated = known[4], known[5]
  local theirs = false
  local epoch, head, owner = read_fence(known[1])
  local counted, bytes, _, latest = read_position(known[2])
  if counted ~= count or (count > 0 and latest == '') then
    local found, start, step = find_position(rows, ARGV[1])
    latest = start or found
    head = math.max(head, step)
  end
  if counted ~= count or bytes < 0 then
    -- llmfy's checkpoints are in it: the size of what is stored will do.
    bytes = 0
    for _, id in ipairs(redis.call('ZRANGE', rows, 0, -1)) do
      bytes = bytes + redis.call('STRLEN', ARGV[1] .. id)
    end
  end
  if count > 0 then
    created = created or microseconds(redis.call('ZRANGE', rows, 0, 0, 'WITHSCORES')[2])
    local last = microseconds(redis.call('ZREVRANGE', rows, 0, 0, 'WITHSCORES')[2])
    updated = updated or last
    if counted ~= count then theirs = last end
  end
  local blob = false
  if ARGV[2] == '1' and latest and latest ~= '' then blob = redis.call('GET', ARGV[1] .. latest) end
  if known[1] or count > 0 then
    answer[#answer + 1] = {epoch, owner, head, known[3], created, updated, count, bytes, blob, theirs}
  else
    answer[#answer + 1] = {}
  end
end
return answer
