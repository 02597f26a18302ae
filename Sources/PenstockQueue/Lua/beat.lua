-- A worker's sign of life: notes its beat and renews the locks of all that it runs.
--
-- KEYS[1] workers
-- ARGV[1] prefix   [2] worker   [3] locks' time to live, ms   [4] queues, a space between   [5...] session, claim, session, claim …
-- Returns {'unregistered'} when the worker is not known, else {'alive', length of all its processing lists, then the
-- claims whose lock is no longer theirs}.

local worker, life = ARGV[2], tonumber(ARGV[3])
if not beat(worker) then return {'unregistered'} end

local listed = 0
for queue in string.gmatch(ARGV[4], '%S+') do
  listed = listed + redis.call('LLEN', key('processing', worker .. ':' .. queue))
end
local answer = {'alive', listed}
for index = 5, #ARGV, 2 do
  local lock, claim = key('lock', ARGV[index]), ARGV[index + 1]
  if redis.call('GET', lock) == claim then
    redis.call('PEXPIRE', lock, life)
  else
    answer[#answer + 1] = claim
  end
end
return answer
