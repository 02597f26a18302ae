-- Hands back what stands in a worker's processing lists and does not run there: claims whose reply was lost.
--
-- KEYS[1] workers
-- ARGV[1] prefix   [2] worker   [3] queues, a space between   [4] 1 if messages that cannot be read go back too
-- ARGV[5...] the claims that the worker runs or has asked for
-- Returns how many were handed back.

local worker = ARGV[2]
local running = {}
for index = 5, #ARGV do running[ARGV[index]] = true end

local back = 0
for queue in string.gmatch(ARGV[3], '%S+') do
  local processing = key('processing', worker .. ':' .. queue)
  for _, raw in ipairs(redis.call('LRANGE', processing, 0, -1)) do
    local job = read(raw)
    local holder = job and job.id and redis.call('GET', key('lock', job.session))
    local theirs = holder and string.sub(holder, 1, #worker + 1) == worker .. ':'
    local known = job and job.id and redis.call('HGET', key('job', job.id), 'claim')
    local runs = running[holder or ''] or running[known or '']
    if not runs and (job or ARGV[4] == '1') then
      redis.call('LREM', processing, 1, raw)
      redis.call('RPUSH', key('queue', queue), raw)
      if theirs then redis.call('DEL', key('lock', job.session)) end
      if known then redis.call('HSET', key('job', job.id), 'status', 'waiting') end
      back = back + 1
    end
  end
end
return back
