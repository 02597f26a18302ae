-- Cancels the jobs that wait in a queue, from its left end, some at a time, and those of it that wait for a place of their flow.
--
-- KEYS[1] queue list
-- ARGV[1] prefix   [2] most jobs to cancel   [3] seconds that a record is kept   [4] seconds that a notice is kept
-- A second message with the id of a job that runs, waits elsewhere or has ended is dropped alone: that job stays as it is.
-- Returns how many messages left the queue.

local cancelled, now, purged = 0, milliseconds(), 'its queue was purged'
local queue = string.sub(KEYS[1], #key('queue', '') + 1)

-- Those of the queue that wait for a place of their flow, with the flow; no more than are wanted.
local function findHeld()
  local found = {}
  for _, flow in ipairs(redis.call('SMEMBERS', prefix .. 'held')) do
    for _, entry in ipairs(redis.call('LRANGE', key('held', flow), 0, -1)) do
      if #found == tonumber(ARGV[2]) then return found end
      if string.match(entry, '^%S+') == queue then found[#found + 1] = {flow, entry} end
    end
  end
  return found
end

local held
local function nextMessage()
  local raw = redis.call('LPOP', KEYS[1])
  if raw then return raw end
  held = held or redis.call('HEXISTS', prefix .. 'held_in', queue) == 1 and findHeld() or {}
  local last = table.remove(held)
  if not last then return nil end
  local flow, entry = unpack(last)
  redis.call('LREM', key('held', flow), -1, entry)
  if redis.call('EXISTS', key('held', flow)) == 0 then redis.call('SREM', prefix .. 'held', flow) end
  countHeld(queue, -1)
  local _, message = entryOf(entry)
  return message
end

while cancelled < tonumber(ARGV[2]) do
  local raw = nextMessage()
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
