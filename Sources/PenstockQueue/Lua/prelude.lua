-- Stands in front of every script here: what they share.
--
-- KEYS[1] is a key of ours that routes the call (on a cluster, the prefix carries one hash tag for all of them);
-- ARGV[1] is the prefix. Messages are read with cjson and never written back through it.

local prefix = ARGV[1]

local function key(kind, name)
  return prefix .. kind .. ':' .. name
end

-- Milliseconds since 1970 by the server's clock, as a number to reckon with.
local function milliseconds()
  local now = redis.call('TIME')
  return now[1] * 1000 + math.floor(now[2] / 1000)
end

-- The same as a text to store: a number costs redis.call more.
local function stamp()
  local now = redis.call('TIME')
  return now[1] .. string.sub('00000' .. now[2], -6, -4)
end

-- Notes a worker's sign of life, the server's time, in `workers`. Returns that time, or nil if the worker is not known there.
local function beat(worker)
  local now = stamp()
  if redis.call('ZADD', prefix .. 'workers', 'XX', 'CH', now, worker) == 1 then return now end
  return redis.call('ZSCORE', prefix .. 'workers', worker) and now or nil
end

-- Whether it is an identifier: 1 to 255 of A-Z a-z 0-9 _ . : -
local function identifies(text)
  return type(text) == 'string' and #text > 0 and #text <= 255 and not string.find(text, '[^%w_.:-]')
end

-- What the scripts go by: {id, session, flow, unique, rejects, due}, id nil where the message has none, due the ms since 1970 of a job
-- that is not to start before; nil if it cannot be read.
-- A worker checks the message in full, and buries one that it reads otherwise, or that has an odd `unique_key`.
local function read(raw)
  if not string.find(raw, '^%s*{%s*"') then return nil end
  local fine, message = pcall(cjson.decode, raw)
  if not fine or type(message) ~= 'table' then return nil end
  local id, session, flow = message.id, message.session_id, message.flow
  if id ~= nil and not identifies(id) then return nil end
  if session ~= nil and not identifies(session) then return nil end
  if not identifies(flow) then return nil end
  local unique = message.unique_key
  if type(unique) ~= 'string' or #unique == 0 or #unique > 255 then unique = nil end
  local due = type(message.not_before) == 'string' and momentOf(message.not_before) or nil
  return {id = id, session = session or id, flow = flow, unique = unique, rejects = message.on_busy == 'reject', due = due}
end

-- The last answer of a caller's slot, if it was given to the call of this number.
local function answered(worker, slot, call)
  local last = redis.call('HGET', key('answers', worker), slot)
  if not last then return nil end
  local unpacked = cmsgpack.unpack(last)
  if unpacked[1] == call then return unpacked[2] end
  return nil
end

-- Keeps the answer for the case that the call comes again because its reply was lost.
local function remember(worker, slot, call, answer)
  redis.call('HSET', key('answers', worker), slot, cmsgpack.pack({call, answer}))
  return answer
end

-- What the record of a job has that a claim goes by: status, session, flow, attempts, crashes, crash base, crash step, the mark that it is
-- to be cancelled, and when it was claimed last.
local function factsIn(record)
  return redis.call('HMGET', record, 'status', 'session', 'flow', 'attempts', 'crashes', 'crash_base', 'crash_step',
    'cancel', 'claimed_at')
end

-- What a claim is told of its job besides the message, as words: kind, claim number, attempts, crashes, crash base, crash step, 1 if it is
-- to be cancelled, 1 if nobody ever claimed the job before, 1 if the store was seen to hold nothing of it and of its session, id, and the
-- session if its lock is held. (As values of their own they would cost Redis, and whoever reads them, several times as much.)
-- known: as factsIn gives it; nil for a message that is not to be run.
local function describe(kind, claim, id, session, known, isUnseen)
  local facts = ' 0 0 0 0 0 0'
  if known then
    facts = ' ' .. (known[4] or '0') .. ' ' .. (known[5] or '0') .. ' ' .. (known[6] or '0') .. ' ' .. (known[7] or '0')
      .. ((known[8] or known[1] == 'cancelled') and ' 1' or ' 0') .. (known[9] and ' 0' or ' 1')
  end
  return kind .. ' ' .. claim .. facts .. (isUnseen and ' 1 ' or ' 0 ') .. id .. ' ' .. session
end

-- Whether a claim is still whoever's made it. A lock that has expired is nobody's: then the record tells which claim was last.
local function holds(session, id, claim)
  if session == '' then return true end
  local holder = redis.call('GET', key('lock', session))
  if holder then return holder == claim end
  return redis.call('HGET', key('job', id), 'claim') == claim
end

-- Takes a message out of the worker's processing list, if the claim is still its own.
local function take(worker, queue, raw, session, id, claim)
  return holds(session, id, claim) and redis.call('LREM', key('processing', worker .. ':' .. queue), 1, raw) == 1
end

local function unlock(session, claim)
  if session ~= '' and redis.call('GET', key('lock', session)) == claim then
    redis.call('DEL', key('lock', session))
  end
end

-- The claim by which a worker holds a message, as the record of its job has it; nil for one that holds no lock: unreadable, in
-- conflict with the record, or another's by now.
local function heldBy(worker, job)
  if not job or not job.id then return nil end
  local known = redis.call('HMGET', key('job', job.id), 'status', 'session', 'flow', 'claim')
  if known[1] ~= 'running' or known[2] ~= job.session or known[3] ~= job.flow then return nil end
  if not known[4] or string.sub(known[4], 1, #worker + 1) ~= worker .. ':' then return nil end
  return known[4]
end

local function isEnd(status)
  return status == 'done' or status == 'cancelled' or status == 'dead'
end

-- What is noted of a job that was enqueued and not claimed yet: {at, queue, flow, session}, or nil. `noted` is a hash with a line for
-- each; the session is left out where it is the id. (A record would cost more than twice as much, and there may be a million.)
local function noteOf(id)
  local note = redis.call('HGET', prefix .. 'noted', id)
  if not note then return nil end
  local at, queue, flow, session = string.match(note, '^(%d+) (%S+) (%S+) ?(%S*)$')
  return {at = at, queue = queue, flow = flow, session = session ~= '' and session or id}
end

local function writeNote(id, at, queue, flow, session)
  redis.call('HSET', prefix .. 'noted', id, at .. ' ' .. queue .. ' ' .. flow .. (session == id and '' or ' ' .. session))
end

-- Makes the note a record. There may be one with a mark in it, which was to expire.
local function recordNote(id, note)
  redis.call('HSET', key('job', id), 'status', 'waiting', 'queue', note.queue, 'session', note.session, 'flow', note.flow,
    'created_at', note.at)
  redis.call('PERSIST', key('job', id))
  redis.call('HDEL', prefix .. 'noted', id)
end

-- Has the record of a job say how it stands that waits in a queue or a line. It may be the copy of a job that has ended, whose record is
-- to expire, or has: then a note may have been made of its id meanwhile, which counts.
local function stands(id, status, queue, job)
  local record = key('job', id)
  local ends = redis.call('HMGET', record, 'session', 'ended_at', 'status')
  if not ends[1] then recordNote(id, noteOf(id) or {at = stamp(), queue = queue, flow = job.flow, session = job.session}) end
  if ends[2] then redis.call('PERSIST', record) end
  -- Done is done, and cancelled is cancelled: whoever claims the copy finds that, and tells the end that there was.
  if ends[3] ~= 'done' and ends[3] ~= 'cancelled' then redis.call('HSET', record, 'status', status) end
end

-- Gives a job the key that no two have at once, for as long as it has not ended. Returns the id of the job that has it, if
-- that is another. A key outlives neither its job's record nor its note.
local function takeUnique(unique, id)
  local holderKey = key('unique', unique)
  local holder = redis.call('GET', holderKey)
  if holder == id then return nil end
  if holder then
    local status = redis.call('HGET', key('job', holder), 'status')
    if status and not isEnd(status) or not status and noteOf(holder) then return holder end
  end
  redis.call('SET', holderKey, id)
  return nil
end

-- Frees the key of a job that ends, if it is its own.
local function freeUnique(raw, id)
  if not string.find(raw, '"unique_key"', 1, true) then return end
  local job = read(raw)
  if job and job.unique and redis.call('GET', key('unique', job.unique)) == id then
    redis.call('DEL', key('unique', job.unique))
  end
end

-- Fresh counters for a job that was dead and is sent again. Whoever waits for its end must not take the old one for it.
local function revive(id)
  local record = key('job', id)
  redis.call('HSET', record, 'status', 'waiting', 'attempts', 0, 'crashes', 0, 'crash_base', 0, 'interruptions', 0, 'error', '')
  redis.call('HDEL', record, 'waiting_since', 'cancel')
  redis.call('PERSIST', record)
  redis.call('DEL', key('ended', id))
end

-- Puts a job into its session's line; `first` where the turn is its own.
local function park(queue, raw, session, first)
  redis.call(first and 'LPUSH' or 'RPUSH', key('parked', session), queue .. ' ' .. raw)
  redis.call('SADD', prefix .. 'parked', session)
end

-- The queue, the message and what `read` makes of it, of an entry in a list that holds jobs of several queues.
local function entryOf(entry)
  local queue, raw = string.match(entry, '^(%S+) (.*)$')
  return queue, raw, raw and read(raw) or nil
end

-- Passes a session's turn on from job `id` to the first parked job, or frees it.
-- Returns the queue and the message of the job whose turn it is now, out of the parked list; nil if nothing was parked.
local function pass(session, id)
  local turn = key('turn', session)
  if session == '' or redis.call('GET', turn) ~= id then return nil end
  local parked = key('parked', session)
  local queue, raw, job
  repeat
    local entry = redis.call('LPOP', parked)
    if not entry then
      redis.call('DEL', turn)
      redis.call('SREM', prefix .. 'parked', session)
      return nil
    end
    queue, raw, job = entryOf(entry)
    -- No script parks such a one; whoever did, a worker buries it.
    if queue and not (job and job.id) then redis.call('RPUSH', key('queue', queue), raw) end
  until job and job.id
  if redis.call('EXISTS', parked) == 0 then redis.call('SREM', prefix .. 'parked', session) end
  redis.call('SET', turn, job.id)
  return queue, raw, job
end

-- Passes the turn on and puts the job whose turn it is now first in its queue.
local function passToQueue(session, id)
  local queue, raw, job = pass(session, id)
  if queue then
    redis.call('RPUSH', key('queue', queue), raw)
    stands(job.id, 'waiting', queue, job)
  end
end

-- Tells whoever waits for the job's end, once, in its `ended`.
local function tell(ended, notice, seconds)
  if redis.call('LPUSH', ended, notice) > 1 then redis.call('LTRIM', ended, 0, 0) end
  redis.call('EXPIRE', ended, seconds)
end

-- What is told of a job that was refused; `reason` is one word.
local function refusal(id, reason, sentence)
  return '{"id":"' .. id .. '","status":"cancelled","reason":"' .. reason .. '","error":' .. cjson.encode(sentence) .. '}'
end

-- Ends a job that no worker has begun, as cancelled. No other has a `reason` in its record.
local function refuse(id, job, queue, reason, sentence, recordLife, noticeLife)
  local record = key('job', id)
  redis.call('HSET', record, 'status', 'cancelled', 'session', job.session or id, 'flow', job.flow, 'queue', queue, 'error', sentence,
    'reason', reason, 'ended_at', stamp())
  redis.call('EXPIRE', record, recordLife)
  tell(key('ended', id), refusal(id, reason, sentence), noticeLife)
end

local function duplicateOf(holder, unique)
  return 'job ' .. holder .. ', which has not ended, has the unique key "' .. unique .. '"'
end

-- Whether a job that would rather not wait finds its session busy with the holder of its turn. A job that is not to start yet is in
-- nobody's way: its worker puts it off, and it is asked again when it is due.
local function isBusy(job, holder, now)
  if job.due and job.due > tonumber(now) then return false end
  local known = holder and redis.call('HMGET', key('job', holder), 'status', 'due') or {}
  return not (known[1] == 'running' and known[2] and tonumber(known[2]) > tonumber(now))
end

local function busyWith(holder, session)
  return 'session ' .. session .. ' is busy with job ' .. holder
end

-- Lets a scheduled entry take its place in its session's line, so that no later one gets before it.
local function comesDue(entry, recordLife, noticeLife)
  redis.call('ZREM', prefix .. 'scheduled', entry)
  local queue, raw, job = entryOf(entry)
  if not (job and job.id) then
    if queue then redis.call('RPUSH', key('queue', queue), raw) end
    return
  end
  local session = job.session
  local turn = redis.call('GET', key('turn', session))
  if turn == job.id or not turn and redis.call('EXISTS', key('parked', session)) == 0 then
    if not turn then redis.call('SET', key('turn', session), job.id) end
    redis.call('RPUSH', key('queue', queue), raw)
    stands(job.id, 'waiting', queue, job)
  elseif job.rejects and not isEnd(redis.call('HGET', key('job', job.id), 'status')) then
    -- A job that was begun has its session's turn, unless a copy of it has ended meanwhile.
    refuse(job.id, job, queue, 'busy', busyWith(turn or 'another', session), recordLife, noticeLife)
    freeUnique(raw, job.id)
  else
    park(queue, raw, session)
    if not isEnd(redis.call('HGET', key('job', job.id), 'status')) then
      stands(job.id, 'parked', queue, job)
    end
  end
end
