-- Takes jobs off a queue's right end for a worker: each with its session's turn and lock. A job whose session is another's is
-- parked at the end of the session's line (at its head, where the turn is its own already) and takes no slot.
--
-- KEYS[1] queue list
-- ARGV[1] prefix   [2] worker   [3] queue   [4] call number   [5] lock's time to live, ms   [6] most bytes of a message, by which
-- workers judge it
-- ARGV[7] seconds that the record of a job that ends here is kept   [8] seconds that its notice is kept
-- ARGV[9] what the keys begin with that a store in this Redis has of a session   [10] of its checkpoints   [11] of a job; or three times ''
-- ARGV[12...] an id for each claim wanted, given to a message that comes without one
-- Claims are numbered <worker>:<call>.<n>. The claim is a beat too.
-- Returns {'unregistered'} when the worker is not known (it was given up for dead), {'held back', 0, ms} when nothing may be
-- taken from the queue for so long, else {'claimed', jobs left in the queue, ms after which to look again though no
-- job came, or 0, then two for each claim: what `describe` tells, and the message}.
-- kind: job; unreadable (no lock: to be buried); conflict (its id is known with another session or flow: to be buried)
-- The last answer is kept in `claimed`, its call number first: a list, since Lua hashes every byte of a text that it makes, and
-- so would pay for each message again when the answer is packed, and when it is read only to find another call's number there.

local worker, queue, call = ARGV[2], ARGV[3], ARGV[4]
local life, traces = ARGV[5], ARGV[9]
-- More than this is not read at all: it would keep Redis busy for too long. (A message that comes again may have an id more, 44 bytes.)
local largest = math.max(ARGV[6] + 44, 8388608)
local waiting, processing = KEYS[1], key('processing', worker .. ':' .. queue)
local last = key('claimed', worker .. ':' .. queue)

if redis.call('LINDEX', last, '0') == call then
  local before = redis.call('LRANGE', last, '1', '-1')
  before[2], before[3] = tonumber(before[2]), tonumber(before[3])
  return before
end
local now = beat(worker)
if not now then return {'unregistered'} end

local wanted, taken, looked, again = #ARGV - 11, 0, 0, 0
local isNoted, isLimited, isCounted, rate
if redis.call('EXISTS', prefix .. 'paused', limits, prefix .. 'noted') > 0 then
  isNoted = redis.call('EXISTS', prefix .. 'noted') == 1
  if redis.call('SISMEMBER', prefix .. 'paused', queue) == 1 then return {'held back', 0, 1000} end
  isLimited = redis.call('EXISTS', limits) == 1
  if isLimited then
    for _, flow in ipairs(redis.call('SMEMBERS', prefix .. 'held')) do admit(flow, now) end
    local room, wait
    room, wait, isCounted, rate = roomOf('queue:' .. queue, wanted, now)
    if room == 0 then return {'held back', 0, wait} end
    wanted = room
    if redis.call('EXISTS', prefix .. 'held') == 1 then again = 100 end
  end
end

local answer = {'claimed', 0, 0}
local started, flows = {}, {}
-- Parked jobs take no slot, but one call must not move a whole queue.
local bound = wanted + 100

local function add(raw, told)
  local at = 3 + 2 * taken
  taken = taken + 1
  answer[at + 1], answer[at + 2] = told, raw
end

-- Whether a flow has a place for one more; notes it as taken.
local function flowHasRoom(flow, id)
  local found = flows[flow]
  if not found then
    found = {ids = {}}
    found.room, found.wait, found.isCounted, found.rate = roomOf('flow:' .. flow, wanted, now)
    flows[flow] = found
  end
  if #found.ids < found.room then
    found.ids[#found.ids + 1] = id
    return true
  end
  again = math.max(1, math.min(found.wait, again > 0 and again or found.wait))
  return false
end

while taken < wanted and looked < bound do
  -- Every call costs: what most jobs need stands first, and what few need comes after.
  local raw = redis.call('LMOVE', waiting, processing, 'RIGHT', 'LEFT')
  if not raw then break end
  looked = looked + 1
  local claim = worker .. ':' .. call .. '.' .. (taken + 1)
  -- What is too large is buried by whoever claims it, as any job is: a smaller limit than yesterday's must not leave its session behind.
  local job = #raw <= largest and read(raw) or nil
  if not job then
    -- By its own id, if that much can be read: whoever waits for it is told that it was buried.
    local fine, message = pcall(cjson.decode, #raw <= largest and raw or '')
    local id = fine and type(message) == 'table' and identifies(message.id) and message.id
    add(raw, describe('unreadable', claim, id or '', ''))
  else
    local id = job.id
    if not id then
      id = ARGV[11 + taken + 1]
      local brace = string.find(raw, '{', 1, true)
      raw = string.sub(raw, 1, brace) .. '"id":"' .. id .. '",' .. string.sub(raw, brace + 1)
      redis.call('LSET', processing, 0, raw)
    end
    local session = job.session or id
    local record = key('job', id)
    local known = factsIn(record)
    local note = isNoted and not known[2] and noteOf(id)
    if note then known[2], known[3] = note.session, note.flow end
    -- A copy of a job that is over gets the end that there was.
    local isOver = known[1] == 'done' or known[1] == 'cancelled'
    local isNew = not isOver and not known[4] and not known[5]
    local isConflict = known[2] and known[2] ~= session or known[3] and known[3] ~= job.flow
    local holder = job.unique and not isConflict and not isOver and known[1] ~= 'running' and takeUnique(job.unique, id)
    if note and not isConflict then recordNote(id, note) end
    if isConflict then
      add(raw, describe('conflict', claim, id, ''))
      -- Came due in a session that the id has left since.
      if known[2] ~= session then passToQueue(session, id) end
    elseif known[1] == 'cancelled' and redis.call('HEXISTS', record, 'reason') == 1 then
      -- A copy of a job that was refused: it stays refused, and whoever waits for the copy is told the same.
      redis.call('LPOP', processing)
      local why = redis.call('HMGET', record, 'reason', 'error')
      tell(key('ended', id), refusal(id, why[1], why[2]), ARGV[8])
      passToQueue(session, id)
    elseif holder then
      redis.call('LPOP', processing)
      local why = duplicateOf(holder, job.unique)
      if known[1] == 'dead' then
        -- The job stays among the dead, to be sent again; what is refused is its copy.
        tell(key('ended', id), refusal(id, 'duplicate', why), ARGV[8])
      else
        refuse(id, job, queue, 'duplicate', why, ARGV[7], ARGV[8])
      end
      passToQueue(session, id)
    else
      if known[1] == 'dead' then
        revive(id)
        for index = 4, 8 do known[index] = false end
      end
      -- The turn of a session that is quiet is whoever's asks for it: jobs are parked only where it is another's.
      local turn = redis.call('SETNX', key('turn', session), id) == 0 and redis.call('GET', key('turn', session))
      local isMine = not turn or turn == id
      local wasHeld = isLimited and redis.call('ZREM', key('admitted', job.flow), id) == 1
      if isMine and isLimited and not known[8] and not flowHasRoom(job.flow, id) then
        -- It keeps its session's turn; one that has waited here before, or has begun, stands in front of the others.
        redis.call('LPOP', processing)
        redis.call((wasHeld or known[9]) and 'LPUSH' or 'RPUSH', key('held', job.flow), queue .. ' ' .. raw)
        redis.call('SADD', prefix .. 'held', job.flow)
        countHeld(queue, 1)
        redis.call('HSET', record, 'status', 'waiting', 'session', session, 'flow', job.flow, 'queue', queue)
        if isEnd(known[1]) then redis.call('PERSIST', record) end
      elseif isMine and redis.call('SET', key('lock', session), claim, 'NX', 'PX', life) then
        if known[8] or isEnd(known[1]) then redis.call('PERSIST', record) end
        redis.call('HSET', record, 'status', 'running', 'session', session, 'flow', job.flow, 'queue', queue,
          'worker', worker, 'claim', claim, 'claimed_at', now)
        -- Its worker will put it off: nobody is refused for its sake.
        if job.due and isNew and job.due > tonumber(now) then redis.call('HSET', record, 'due', job.due) end
        if isLimited then started[#started + 1] = id end
        local isUnseen = traces ~= '' and not known[9]
          and redis.call('EXISTS', traces .. session, ARGV[10] .. session, ARGV[11] .. id) == 0
        add(raw, describe('job', claim, id, session, known, isUnseen))
      else
        redis.call('LPOP', processing)
        if job.rejects and isNew and turn ~= id and isBusy(job, turn, now) then
          refuse(id, job, queue, 'busy', busyWith(turn or 'another', session), ARGV[7], ARGV[8])
          freeUnique(raw, id)
          passToQueue(session, id)
        else
          park(queue, raw, session, isMine)
          if not known[1] or known[1] == 'waiting' or known[1] == 'dead' then
            redis.call('HSET', record, 'status', 'parked', 'session', session, 'flow', job.flow, 'queue', queue)
          end
        end
      end
    end
  end
end
if isLimited then
  start('queue:' .. queue, started, now, isCounted, rate)
  for flow, found in pairs(flows) do start('flow:' .. flow, found.ids, now, found.isCounted, found.rate) end
end
answer[3] = again
if looked == 0 then return answer end
answer[2] = redis.call('LLEN', waiting)
redis.call('DEL', last)
-- In pieces: Lua does not unpack thousands at once.
redis.call('RPUSH', last, call, unpack(answer, 1, math.min(#answer, 900)))
for first = 901, #answer, 900 do
  redis.call('RPUSH', last, unpack(answer, first, math.min(first + 899, #answer)))
end
return answer
