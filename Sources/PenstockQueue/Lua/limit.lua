-- Sets how many jobs of a queue or a flow may run at once, start a second, or wait.
--
-- KEYS[1] limits
-- ARGV[1] prefix   [2] scope: queue:<queue> or flow:<flow>   [3...] what, number or empty, what, number or empty …
-- Returns 1.

for index = 3, #ARGV, 2 do
  local field = ARGV[2] .. ':' .. ARGV[index]
  if ARGV[index + 1] == '' then redis.call('HDEL', KEYS[1], field) else redis.call('HSET', KEYS[1], field, ARGV[index + 1]) end
end
return 1
