-- What every worker looks at in turn: how the others' hearts beat. The one whose turn it is to reap also moves due jobs to the
-- right end of their queues, mends the lines of sessions whose turn's job has ended or is unknown, lets in what waits for a place
-- of its flow, and is told whether a cron entry is due.
--
-- KEYS[1] workers
-- ARGV[1] prefix   [2] 1 if this worker reaps   [3] most due jobs to move   [4] the worker that asks, or empty
-- ARGV[5] seconds that the record of a job that ends here is kept   [6] seconds that its notice is kept
-- Returns {due jobs moved, 1 if a cron entry is due, how many jobs of the worker's are to be cancelled, their ids, how many sessions
-- are watched, these, then worker, beat, worker, beat …}.

local most = tonumber(ARGV[3])
local scheduled, lines = prefix .. 'scheduled', prefix .. 'parked'
local moved, crons = 0, 0
if ARGV[2] == '1' then crons = #redis.call('ZRANGEBYSCORE', prefix .. 'cron', '-inf', milliseconds(), 'LIMIT', 0, 1) end
if ARGV[2] == '1' and redis.call('EXISTS', scheduled, lines, prefix .. 'held') > 0 then
  for _, flow in ipairs(redis.call('SMEMBERS', prefix .. 'held')) do admit(flow, milliseconds()) end
  local due = redis.call('ZRANGEBYSCORE', scheduled, '-inf', milliseconds(), 'LIMIT', 0, most)
  for _, entry in ipairs(due) do
    comesDue(entry, ARGV[5], ARGV[6])
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
        if not turn or own or not status or isEnd(status) then
          if not turn then redis.call('SET', key('turn', session), '') end
          passToQueue(session, turn or '')
        end
      end
    end
  end
end

local cancelled = ARGV[4] ~= '' and redis.call('SMEMBERS', key('cancelling', ARGV[4])) or {}
local answer = {moved, crons, #cancelled}
for _, id in ipairs(cancelled) do answer[#answer + 1] = id end
local watched = redis.call('ZRANGEBYSCORE', prefix .. 'watched', stamp(), '+inf', 'LIMIT', 0, 1000)
answer[#answer + 1] = #watched
for _, session in ipairs(watched) do answer[#answer + 1] = session end
for _, part in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')) do answer[#answer + 1] = part end
return answer
