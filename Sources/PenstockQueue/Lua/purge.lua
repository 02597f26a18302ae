-- Cancels the jobs that wait in a queue, from its left end, some at a time.
--
-- KEYS[1] queue list
-- ARGV[1] prefix   [2] most jobs to cancel   [3] seconds that a record is kept   [4] seconds that a notice is kept
-- A second message with the id of a job that runs, waits elsewhere or has ended is dropped alone: that job stays as it is.
-- Returns how many messages left the queue.

local cancelled, now, purged = 0, milliseconds(), 'its queue was purged'
while cancelled < tonumber(ARGV[2]) do
  local raw = redis.call('LPOP', KEYS[1])
  if not raw then break end
  cancelled = cancelled + 1
  local job = read(raw)
  if job and job.id then
    local record = key('job', job.id)
    local known = redis.call('HMGET', record, 'status', 'session', 'flow')
    local note = not known[1] and noteOf(job.id)
    if note then known[2], known[3] = note.session, note.flow end
    local own = (not known[2] or known[2] == job.session) and (not known[3] or known[3] == job.flow)
    if own and (not known[1] or known[1] == 'waiting' or known[1] == 'dead') then
      if note then recordNote(job.id, note) end
      redis.call('HSET', record, 'status', 'cancelled', 'session', job.session, 'flow', job.flow, 'ended_at', now,
        'error', purged)
      redis.call('EXPIRE', record, ARGV[3])
      tell(key('ended', job.id), refusal(job.id, 'cancelled', purged), ARGV[4])
      freeUnique(raw, job.id)
      passToQueue(job.session, job.id)
    end
  end
end
return cancelled
