-- Prelude: which jobs have written to a session: a sorted set of their ids by the time, in ms, at which their records end.

-- Notes a job whose record ends in `life` ms, and forgets those whose records have ended; `is_new`: the session is.
local function note_job(jobs, job, life, is_new)
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  -- Once for each job is enough, and nothing has ended in a session that is new.
  if redis.call('ZADD', jobs, string.format('%.0f', now + life), job) == 1 and not is_new then
    redis.call('ZREMRANGEBYSCORE', jobs, '-inf', string.format('(%.0f', now))
  end
  if redis.call('PTTL', jobs) < tonumber(life) then redis.call('PEXPIRE', jobs, life) end
end
