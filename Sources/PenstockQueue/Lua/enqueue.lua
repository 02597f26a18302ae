-- Pushes messages that have ids, and notes those that need to be looked up; a job that was dead gets fresh counters.
--
-- KEYS[1] queue list
-- ARGV[1] prefix   [2] queue   [3...] for each run of jobs: how many, and their messages, which are pushed with nothing looked up; or
-- 0, and id, session, flow and message of one job
-- Returns for each run a word, what belongs to it, and the queue's length: 'pushed' and how many were. For one job: 'new'; 'known' and
-- the status from before; or, when it was not pushed, 'conflict' if it is known with another session or flow; 'unreadable' if the
-- scripts would read the message otherwise; 'duplicate' and the id of the job that has its unique key; 'busy' and the id of the job
-- that has its session's turn, for one that would rather not wait; 'full'.

local queue, now = ARGV[2], stamp()
local bound = tonumber(redis.call('HGET', prefix .. 'limits', 'queue:' .. queue .. ':waiting'))
-- Jobs that wait for a place of their flow wait in this queue too.
local held = bound and tonumber(redis.call('HGET', prefix .. 'held_in', queue)) or 0
local length = bound and redis.call('LLEN', KEYS[1]) + held or 0

local function put(id, session, flow, message)
  local job = read(message)
  if not job or job.id ~= id or job.session ~= session or job.flow ~= flow then return 'unreadable', '' end
  local record = key('job', id)
  local known = redis.call('HMGET', record, 'status', 'session', 'flow', 'cancel')
  local status = known[1]
  local note = not status and noteOf(id)
  if note then status, known[2], known[3] = 'waiting', note.session, note.flow end
  if status and (known[2] ~= session or known[3] ~= flow) then return 'conflict', '' end
  if bound and length >= bound then return 'full', '' end
  if job.rejects and not status then
    local turn = redis.call('GET', key('turn', session))
    if turn and turn ~= id and isBusy(job, turn, now) then return 'busy', turn end
  end
  local holder = job.unique and status ~= 'done' and status ~= 'cancelled' and takeUnique(job.unique, id)
  if holder then return 'duplicate', holder end
  if known[4] and not status then
    -- It was marked to be cancelled before anybody knew it.
    recordNote(id, {at = now, queue = queue, flow = flow, session = session})
  elseif not status then
    writeNote(id, now, queue, flow, session)
  elseif status == 'dead' then
    revive(id)
  end
  length = redis.call('LPUSH', KEYS[1], message) + held
  return status and 'known' or 'new', status or ''
end

-- Pushes messages that stand in ARGV, as many as may wait. Returns how many.
local function push(first, count)
  if bound then count = math.max(0, math.min(count, bound - length)) end
  -- In pieces: Lua does not unpack thousands at once.
  for at = first, first + count - 1, 900 do
    length = redis.call('LPUSH', KEYS[1], unpack(ARGV, at, math.min(at + 900, first + count) - 1)) + held
  end
  return count
end

local answer = {}
local index = 3
while index <= #ARGV do
  local count = tonumber(ARGV[index])
  local word, detail
  if count == 0 then
    word, detail = put(ARGV[index + 1], ARGV[index + 2], ARGV[index + 3], ARGV[index + 4])
    index = index + 5
  else
    word, detail = 'pushed', push(index + 1, count)
    index = index + 1 + count
  end
  local at = #answer
  answer[at + 1], answer[at + 2], answer[at + 3] = word, detail, length
end
return answer
