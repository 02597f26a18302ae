-- What every worker looks at in turn: how the others' hearts beat. The one whose turn it is to reap also moves due jobs to the
-- right end of their queues, mends the lines of sessions whose turn's job has ended or is unknown, and is told whether a cron entry is due.
--
-- KEYS[1] workers
-- ARGV[1] prefix   [2] 1 if this worker reaps   [3] most due jobs to move
-- Returns {due jobs moved, 1 if a cron entry is due, then worker, beat, worker, beat …}.

local most = tonumber(ARGV[3])
local scheduled, lines = prefix .. 'scheduled', prefix .. 'parked'
local moved, crons = 0, 0
if ARGV[2] == '1' then crons = #redis.call('ZRANGEBYSCORE', prefix .. 'cron', '-inf', milliseconds(), 'LIMIT', 0, 1) end
if ARGV[2] == '1' and redis.call('EXISTS', scheduled, lines) > 0 then
  local due = redis.call('ZRANGEBYSCORE', scheduled, '-inf', milliseconds(), 'LIMIT', 0, most)
  for _, entry in ipairs(due) do
    redis.call('ZREM', scheduled, entry)
    local queue, raw, job = entryOf(entry)
    if job and job.id then
      -- It takes its place in its session's line now, so that no later one gets before it.
      local turn, session = redis.call('GET', key('turn', job.session)), job.session
      if turn == job.id or not turn and redis.call('EXISTS', key('parked', session)) == 0 then
        if not turn then redis.call('SET', key('turn', session), job.id) end
        redis.call('RPUSH', key('queue', queue), raw)
        redis.call('HSET', key('job', job.id), 'status', 'waiting')
      else
        park(queue, raw, session)
        redis.call('HSET', key('job', job.id), 'status', 'parked')
      end
    elseif queue then
      redis.call('RPUSH', key('queue', queue), raw)
    end
    moved = moved + 1
  end
  for _, session in ipairs(redis.call('SRANDMEMBER', lines, 20)) do
    if redis.call('EXISTS', key('lock', session)) == 0 then
      local first = redis.call('LINDEX', key('parked', session), 0)
      local turn = redis.call('GET', key('turn', session))
      if not first then
        redis.call('SREM', lines, session)
      else
        local status = turn and redis.call('HGET', key('job', turn), 'status')
        local _, _, job = entryOf(first)
        local own = turn and job and job.id == turn
        if not turn or own or not status or status == 'done' or status == 'cancelled' or status == 'dead' then
          if not turn then redis.call('SET', key('turn', session), '') end
          passToQueue(session, turn or '')
        end
      end
    end
  end
end

local answer = {moved, crons}
for _, part in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')) do answer[#answer + 1] = part end
return answer
