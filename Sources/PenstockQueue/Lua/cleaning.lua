-- Gives a worker the turn to clean the sessions of flows, or more time for those that it has. Until that time is over nobody
-- else is given it.
--
-- KEYS[1] workers
-- ARGV[1] prefix   [2] worker   [3] how long, in ms   [4...] flows
-- Returns those of the flows whose turn it has.

local mine = {}
for index = 4, #ARGV do
  local turn = key('cleaning', ARGV[index])
  local holder = redis.call('GET', turn)
  if not holder or holder == ARGV[2] then
    redis.call('SET', turn, ARGV[2], 'PX', ARGV[3])
    mine[#mine + 1] = ARGV[index]
  end
end
return mine
