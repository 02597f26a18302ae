-- Ends a claim for good: the job is done (or cancelled). Frees the lock, passes the turn on, tells who waits, and hands the
-- session's next job to this slot if it was parked from the same queue.
--
-- KEYS[1] job hash   [2] lock   [3] turn   [4] parked   [5] processing   [6] ended: of this job, session, worker and queue
-- ARGV[1] prefix   [2] worker   [3] slot   [4] call number   [5] claim   [6] queue   [7] id   [8] session   [9] message
-- ARGV[10] status   [11] result as JSON, or empty   [12] 1 if the result is only in the store   [13] notice for those who wait
-- ARGV[14] seconds that the record is kept   [15] seconds that the notice is kept   [16] claim number for the next job, or empty
-- ARGV[17] lock's time to live, ms   [18] error, or empty
-- Returns {0} if the claim was not this worker's; {1} if it was; {1, then eleven as claim.lua has them} with the next job.

local worker, slot, call, claim = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local queue, id, session, raw = ARGV[6], ARGV[7], ARGV[8], ARGV[9]

local record, lock, turn, parked, processing, ended = unpack(KEYS)
local standing = redis.call('MGET', lock, turn)
local holder = standing[1] or redis.call('HGET', record, 'claim')
-- Looked for from the old end: jobs that were claimed first mostly end first.
if holder ~= claim or redis.call('LREM', processing, '-1', raw) == 0 then
  -- Not this worker's any more, or the same call once more.
  return answered(worker, slot, call) or (redis.call('HGET', record, 'settled') == claim and {1} or {0})
end

local now = stamp()
redis.call('HSET', record, 'status', ARGV[10], 'claim', '', 'result', ARGV[11], 'stored', ARGV[12], 'error', ARGV[18], 'ended_at', now,
  'settled', claim)
redis.call('EXPIRE', record, ARGV[14])
tell(ended, ARGV[13], ARGV[15])
freeUnique(raw, id)
if standing[2] == id and redis.call('EXISTS', parked, prefix .. 'held') == 0 then
  redis.call('DEL', turn, lock)
  return {1}
end

redis.call('DEL', lock)
local theirs, nextRaw, job = pass(session, id)
if not theirs then
  admitAfter(id)
  return {1}
end
local nextRecord = key('job', job.id)
-- A queue that is paused, and jobs that are counted, are the claim's to judge.
if ARGV[16] == '' or theirs ~= queue or redis.call('EXISTS', prefix .. 'paused', limits) > 0 then
  redis.call('RPUSH', key('queue', theirs), nextRaw)
  redis.call('HSET', nextRecord, 'status', 'waiting')
  -- In front of the session's next job: no session starves the others of its flow.
  admitAfter(id)
  return {1}
end
redis.call('SET', lock, ARGV[16], 'PX', ARGV[17])
redis.call('LPUSH', processing, nextRaw)
local known = redis.call('HMGET', nextRecord, 'attempts', 'crashes', 'crash_base', 'crash_step', 'cancel', 'claimed_at')
redis.call('HSET', nextRecord, 'status', 'running', 'session', session, 'flow', job.flow, 'queue', queue,
  'worker', worker, 'claim', ARGV[16], 'claimed_at', now)
redis.call('PERSIST', nextRecord)
return remember(worker, slot, call,
  {1, 'job', ARGV[16], nextRaw, job.id, session, known[1] or '0', known[2] or '0', known[3] or '0', known[4] or '0',
    known[5] and '1' or '0', known[6] and '0' or '1'})
