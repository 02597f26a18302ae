-- Prelude: what one who opens a session, or looks at it, finds of his job.

-- The job's record, and the epoch below which it is forgotten; `forgotten` is that of the session, whose job it may not be.
local function find_job(key, session, heads, forgotten)
  local job = redis.call('GET', key)
  if job then
    local theirs = string.match(job, '"session_id":"([^"]*)"')
    if theirs and theirs ~= session then forgotten = redis.call('HGET', heads .. theirs, 'forgotten') end
  end
  return job, forgotten
end
