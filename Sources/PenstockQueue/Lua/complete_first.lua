-- Ends a claim for good: the job is done (or cancelled). Frees the lock, passes the turn on, tells who waits, and hands the
-- session's next job to this slot if it was parked from the same queue.
--
-- KEYS[1] job hash   [2] lock   [3] turn   [4] parked   [5] processing   [6] ended: of this job, session, worker and queue
-- ARGV[1] prefix   [2] claim   [3] id   [4] message   [5] status   [6] result as JSON, or empty   [7] 1 if the result is only in the store
-- ARGV[8] error, or empty   [9] notice for those who wait   [10] seconds that the record is kept   [11] seconds that the notice is kept
-- ARGV[12] what few need, as words: worker, slot, call number, queue, session, lock's time to live in ms, claim number for the next job or
-- nothing. (Each argument costs as much as an eighth of a command.)
-- Returns {0} if the claim was not this worker's; {1} if it was; {1, then two as claim.lua has them} with the next job.
--
-- This part stands in front of the prelude, and does without it: nearly every job ends here, and to make the prelude's functions costs
-- as much as half of the commands below.

local record, lock, turn, parked, processing, ended = unpack(KEYS)
local claim, id, raw = ARGV[2], ARGV[3], ARGV[4]
local standing = redis.call('MGET', lock, turn)
local holder = standing[1] or redis.call('HGET', record, 'claim')
-- Looked for from the old end: jobs that were claimed first mostly end first.
local isOwn = holder == claim and redis.call('LREM', processing, '-1', raw) == 1
local now
if isOwn then
  local time = redis.call('TIME')
  now = time[1] .. string.sub('00000' .. time[2], -6, -4)
  redis.call('HSET', record, 'status', ARGV[5], 'claim', '', 'result', ARGV[6], 'stored', ARGV[7], 'error', ARGV[8], 'ended_at', now,
    'settled', claim)
  redis.call('EXPIRE', record, ARGV[10])
  if redis.call('LPUSH', ended, ARGV[9]) > 1 then redis.call('LTRIM', ended, 0, 0) end
  redis.call('EXPIRE', ended, ARGV[11])
  if standing[2] == id and not string.find(raw, '"unique_key"', 1, true) and redis.call('EXISTS', parked, ARGV[1] .. 'held') == 0 then
    redis.call('DEL', turn, lock)
    return {1}
  end
end
