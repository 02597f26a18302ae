-- The rest of complete_first.lua, which tells what it is called with: for a claim that is not this worker's, a job with a unique key, and
-- one behind which others wait.

local worker, slot, call, queue, session, life, nextClaim =
  string.match(ARGV[12], '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) ?(%S*)$')

if not isOwn then
  -- Not this worker's any more, or the same call once more.
  return answered(worker, slot, call) or (redis.call('HGET', record, 'settled') == claim and {1} or {0})
end
freeUnique(raw, id)
redis.call('DEL', lock)
local theirs, nextRaw, job = pass(session, id)
if not theirs then
  admitAfter(id)
  return {1}
end
local nextRecord = key('job', job.id)
local known = factsIn(nextRecord)
-- A queue that is paused, jobs that are counted, and an id that is another's are the claim's to judge.
if nextClaim == '' or theirs ~= queue or known[2] ~= session or redis.call('EXISTS', prefix .. 'paused', limits) > 0 then
  redis.call('RPUSH', key('queue', theirs), nextRaw)
  stands(job.id, 'waiting', theirs, job)
  -- In front of the session's next job: no session starves the others of its flow.
  admitAfter(id)
  return {1}
end
redis.call('SET', lock, nextClaim, 'PX', life)
redis.call('LPUSH', processing, nextRaw)
redis.call('HSET', nextRecord, 'status', 'running', 'session', session, 'flow', job.flow, 'queue', queue,
  'worker', worker, 'claim', nextClaim, 'claimed_at', now)
redis.call('PERSIST', nextRecord)
return remember(worker, slot, call, {1, describe('job', nextClaim, job.id, session, known), nextRaw})
