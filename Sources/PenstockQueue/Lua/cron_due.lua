-- The cron entries whose next occurrence has come; or those that stand far in the future, the farthest first.
--
-- KEYS[1] cron
-- ARGV[1] prefix   [2] most entries   [3] how far in ms, or empty for those that have come
-- Returns {now in ms since 1970, then name, revision, next occurrence, definition, name …}.

local now = milliseconds()
local answer = {now}

local function factsOf(name)
  return redis.call('HMGET', key('cron', name), 'revision', 'next', 'definition')
end

local function add(name, known)
  answer[#answer + 1] = name
  for index = 1, 3 do answer[#answer + 1] = known[index] or '' end
end

if ARGV[3] ~= '' then
  -- Those that are paused stand at inf.
  for _, name in ipairs(redis.call('ZREVRANGEBYSCORE', KEYS[1], '(inf', now + ARGV[3], 'LIMIT', 0, ARGV[2])) do
    local known = factsOf(name)
    if known[2] then add(name, known) end
  end
  return answer
end
for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[2])) do
  local known = factsOf(name)
  if not known[2] then
    -- Somebody else deleted the entry.
    redis.call('ZREM', KEYS[1], name)
  elseif tonumber(known[2]) <= now then
    add(name, known)
  else
    redis.call('ZADD', KEYS[1], known[2], name)
  end
end
return answer
