-- Sums sessions up.
--
-- KEYS: of each session, its head and its checkpoints
-- ARGV[1] prefix of checkpoints' keys   ARGV[2] 1 to read the latest checkpoints too, 0 to leave them
-- Returns for each session {epoch, owner, head, flow, version, status, created, updated, checkpoints, bytes, latest checkpoint},
-- nil for each that is not there, and an empty list for a session that was never seen.
-- Prelude: position.lua
local answer = {}
for place = 1, #KEYS, 2 do
  local head, rows = KEYS[place], KEYS[place + 1]
  local known = redis.call('HMGET', head, 'epoch', 'owner', 'head', 'flow', 'version', 'status', 'created', 'updated',
    'checkpoints', 'bytes', 'latest')
  local count = redis.call('ZCARD', rows)
  local latest, bytes = known[11], known[10]
  if tonumber(known[9]) ~= count or (count > 0 and latest == '') then
    local found, start, step = find_position(rows, ARGV[1])
    latest = start or found
    if step > (tonumber(known[3]) or 0) then known[3] = string.format('%.0f', step) end
  end
  if tonumber(known[9]) ~= count or bytes == '' then
    -- llmfy's checkpoints are in it: the size of what is stored will do.
    bytes = 0
    for _, id in ipairs(redis.call('ZRANGE', rows, 0, -1)) do
      bytes = bytes + redis.call('STRLEN', ARGV[1] .. id)
    end
  end
  if count > 0 then
    known[7] = known[7] or string.format('%.0f', redis.call('ZRANGE', rows, 0, 0, 'WITHSCORES')[2] * 1000000)
    known[8] = known[8] or string.format('%.0f', redis.call('ZREVRANGE', rows, 0, 0, 'WITHSCORES')[2] * 1000000)
  end
  local blob = false
  if ARGV[2] == '1' and latest and latest ~= '' then blob = redis.call('GET', ARGV[1] .. latest) end
  answer[#answer + 1] = (known[1] or count > 0) and {known[1], known[2], known[3], known[4], known[5], known[6], known[7],
    known[8], count, bytes, blob} or {}
end
return answer
