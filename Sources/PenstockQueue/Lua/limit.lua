-- Sets how many jobs of a queue or a flow may run at once, start a second, or wait.
--
-- KEYS[1] limits
-- ARGV[1] prefix   [2] scope: queue:<queue> or flow:<flow>   [3...] what, number or empty, what, number or empty …
-- Returns 1.

for index = 3, #ARGV, 2 do
  local what, number = ARGV[index], ARGV[index + 1]
  local field = ARGV[2] .. ':' .. what
  if number == '' then
    redis.call('HDEL', KEYS[1], field)
    -- What was counted for it; of `waiting` nothing is.
    redis.call('DEL', key(what, ARGV[2]))
  else
    redis.call('HSET', KEYS[1], field, number)
  end
end
return 1
