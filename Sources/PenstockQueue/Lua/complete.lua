-- The rest of complete_first.lua, which tells what it is called with: for a claim that is not this worker's, a job with a unique key, and
-- one behind which others wait.

local worker, slot, call = ARGV[2], ARGV[3], ARGV[4]
local queue, session = ARGV[6], ARGV[8]

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
local known = redis.call('HMGET', nextRecord, 'attempts', 'crashes', 'crash_base', 'crash_step', 'cancel', 'claimed_at', 'session')
-- A queue that is paused, jobs that are counted, and an id that is another's are the claim's to judge.
if ARGV[16] == '' or theirs ~= queue or known[7] ~= session or redis.call('EXISTS', prefix .. 'paused', limits) > 0 then
  redis.call('RPUSH', key('queue', theirs), nextRaw)
  stands(job.id, 'waiting', theirs, job)
  -- In front of the session's next job: no session starves the others of its flow.
  admitAfter(id)
  return {1}
end
redis.call('SET', lock, ARGV[16], 'PX', ARGV[17])
redis.call('LPUSH', processing, nextRaw)
redis.call('HSET', nextRecord, 'status', 'running', 'session', session, 'flow', job.flow, 'queue', queue,
  'worker', worker, 'claim', ARGV[16], 'claimed_at', now)
redis.call('PERSIST', nextRecord)
return remember(worker, slot, call,
  {1, 'job', ARGV[16], nextRaw, job.id, session, known[1] or '0', known[2] or '0', known[3] or '0', known[4] or '0',
    known[5] and '1' or '0', known[6] and '0' or '1'})
