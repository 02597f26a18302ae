-- Gives a dead worker's claims back to their queues, the oldest to the very right; frees the locks that are still that
-- worker's, and keeps the turns. A worker with nothing left is forgotten.
--
-- KEYS[1] workers
-- ARGV[1] prefix   [2] the dead worker   [3] its beat, as the judge saw it stand still   [4] most claims to give back
-- Returns {'alive'} if its heart beat since; else {'reaped', claims given back, 1 if nothing is left else 0}.

local dead, most = ARGV[2], tonumber(ARGV[4])
local record = key('worker', dead)
if redis.call('ZSCORE', KEYS[1], dead) ~= ARGV[3] then return {'alive'} end

local given = 0
local answers = {key('answers', dead)}
for queue in string.gmatch(redis.call('HGET', record, 'queues') or '', '%S+') do
  local processing = key('processing', dead .. ':' .. queue)
  answers[#answers + 1] = key('claimed', dead .. ':' .. queue)
  while given < most do
    -- Claims are pushed left: the newest leaves first, so that the oldest ends up first in its queue.
    local raw = redis.call('LPOP', processing)
    if not raw then break end
    given = given + 1
    redis.call('RPUSH', key('queue', queue), raw)
    local job = read(raw)
    local claim = heldBy(dead, job)
    if claim then
      redis.call('HINCRBY', key('job', job.id), 'crashes', 1)
      redis.call('HSET', key('job', job.id), 'status', 'waiting', 'claim', '')
      unlock(job.session, claim)
    end
  end
end
if given == most then return {'reaped', given, 0} end
redis.call('ZREM', KEYS[1], dead)
redis.call('DEL', record, unpack(answers))
return {'reaped', given, 1}
