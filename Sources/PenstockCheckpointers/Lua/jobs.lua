-- Prelude: which jobs have written to a session: `first_job` in the head is the one that made it, which is the only one that most
-- sessions ever have; the others stand in a sorted set of their ids by the time, in ms, at which their records end.

-- Notes a job whose record ends in `life` ms, and forgets those whose records have ended.
local function note_job(jobs, job, life)
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  -- Once for each job is enough.
  if redis.call('ZADD', jobs, string.format('%.0f', now + life), job) == 1 then
    redis.call('ZREMRANGEBYSCORE', jobs, '-inf', string.format('(%.0f', now))
  end
  if redis.call('PTTL', jobs) < tonumber(life) then redis.call('PEXPIRE', jobs, life) end
end
