-- Hands back what stands in a worker's processing lists and does not run there: claims whose reply was lost.
--
-- KEYS[1] workers
-- ARGV[1] prefix   [2] worker   [3] queues, a space between   [4] 1 if messages that hold no lock go back too
-- ARGV[5] the last number that the worker had given when it said what runs: later claims are under way
-- ARGV[6...] the claims that the worker runs or has asked for
-- Returns how many were handed back.

local worker, last = ARGV[2], tonumber(ARGV[5])
local running = {}
for index = 6, #ARGV do running[ARGV[index]] = true end

-- The n of <worker>:<n> or <worker>:<n>.<m>.
local function numberOf(claim)
  return tonumber(string.match(claim, '^%d+', #worker + 2))
end

local back = 0
for queue in string.gmatch(ARGV[3], '%S+') do
  local processing = key('processing', worker .. ':' .. queue)
  for _, raw in ipairs(redis.call('LRANGE', processing, 0, -1)) do
    local job = read(raw)
    local claim = heldBy(worker, job)
    local isLost
    if claim then isLost = not running[claim] and numberOf(claim) <= last else isLost = ARGV[4] == '1' end
    if isLost then
      redis.call('LREM', processing, 1, raw)
      redis.call('RPUSH', key('queue', queue), raw)
      if claim then
        redis.call('HSET', key('job', job.id), 'status', 'waiting', 'claim', '')
        unlock(job.session, claim)
      end
      back = back + 1
    end
  end
end
return back
