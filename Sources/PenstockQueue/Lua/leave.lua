-- Takes a worker off the list, if nothing is left in its processing lists.
--
-- KEYS[1] workers
-- ARGV[1] prefix   [2] worker   [3] queues, a space between
-- Returns how many claims are left: 0 means that the worker is gone.

local worker, left = ARGV[2], 0
local answers = {key('answers', worker)}
for queue in string.gmatch(ARGV[3], '%S+') do
  left = left + redis.call('LLEN', key('processing', worker .. ':' .. queue))
  answers[#answers + 1] = key('claimed', worker .. ':' .. queue)
end
if left == 0 then
  redis.call('ZREM', KEYS[1], worker)
  redis.call('DEL', key('worker', worker), unpack(answers))
end
return left
