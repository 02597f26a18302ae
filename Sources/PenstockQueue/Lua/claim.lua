-- Takes jobs off a queue's right end for a worker: each with its session's turn and lock. A job whose session is another's is
-- parked at the end of the session's line (at its head, where the turn is its own already) and takes no slot.
--
-- KEYS[1] queue list
-- ARGV[1] prefix   [2] worker   [3] queue   [4] call number   [5] lock's time to live, ms   [6] most bytes of a message
-- ARGV[7...] an id for each claim wanted, given to a message that comes without one
-- Claims are numbered <worker>:<call>.<n>. The claim is a beat too.
-- Returns {'unregistered'} when the worker is not known (it was given up for dead), else {'claimed', jobs left in the
-- queue, then ten for each claim: kind, claim number, message, id, session, attempts, crashes, crash base, crash step, 1 if nobody
-- ever claimed the job before, else 0}.
-- kind: job; unreadable (no lock: to be buried); conflict (its id is known with another session or flow: to be buried)
-- The last answer is kept in `claimed`, its call number first: a list, since Lua hashes every byte of a text that it makes, and
-- so would pay for each message again when the answer is packed, and when it is read only to find another call's number there.

local worker, queue, call = ARGV[2], ARGV[3], ARGV[4]
local life, limit = ARGV[5], tonumber(ARGV[6])
local waiting, processing = KEYS[1], key('processing', worker .. ':' .. queue)
local last = key('claimed', worker .. ':' .. queue)

if redis.call('LINDEX', last, '0') == call then
  local before = redis.call('LRANGE', last, '1', '-1')
  before[2] = tonumber(before[2])
  return before
end
local now = beat(worker)
if not now then return {'unregistered'} end

local answer = {'claimed', 0}
local wanted, taken, looked = #ARGV - 6, 0, 0
-- Parked jobs take no slot, but one call must not move a whole queue.
local bound = wanted + 100

local function add(kind, claim, raw, id, session, known)
  local at = 2 + 10 * taken
  taken = taken + 1
  answer[at + 1], answer[at + 2], answer[at + 3], answer[at + 4], answer[at + 5] = kind, claim, raw, id, session
  for index = 4, 7 do answer[at + 2 + index] = known and known[index] or '0' end
  answer[at + 10] = known and not known[8] and '1' or '0'
end

while taken < wanted and looked < bound do
  -- Every call costs: what most jobs need stands first, and what few need comes after.
  local raw = redis.call('LMOVE', waiting, processing, 'RIGHT', 'LEFT')
  if not raw then break end
  looked = looked + 1
  local claim = worker .. ':' .. call .. '.' .. (taken + 1)
  local job = #raw <= limit and read(raw) or nil
  if not job then
    add('unreadable', claim, raw, ARGV[6 + taken + 1], '')
  else
    local id = job.id
    if not id then
      id = ARGV[6 + taken + 1]
      local brace = string.find(raw, '{', 1, true)
      raw = string.sub(raw, 1, brace) .. '"id":"' .. id .. '",' .. string.sub(raw, brace + 1)
      redis.call('LSET', processing, 0, raw)
    end
    local session = job.session or id
    local record, turnKey = key('job', id), key('turn', session)
    local known = redis.call('HMGET', record, 'status', 'session', 'flow', 'attempts', 'crashes', 'crash_base', 'crash_step',
      'claimed_at')
    local isQuiet = redis.call('EXISTS', turnKey, key('parked', session)) == 0
    local turn = not isQuiet and redis.call('GET', turnKey)
    if (known[2] and known[2] ~= session) or (known[3] and known[3] ~= job.flow) then
      add('conflict', claim, raw, id, '')
      -- Came due in a session that the id has left since.
      if turn == id and known[2] ~= session then passToQueue(session, id) end
    else
      if known[1] == 'dead' then
        revive(id)
        for index = 4, 7 do known[index] = '0' end
      end
      if (isQuiet or turn == id) and redis.call('SET', key('lock', session), claim, 'NX', 'PX', life) then
        if not turn then redis.call('SET', turnKey, id) end
        if known[1] == 'done' or known[1] == 'cancelled' then redis.call('PERSIST', record) end
        redis.call('HSET', record, 'status', 'running', 'session', session, 'flow', job.flow, 'queue', queue,
          'worker', worker, 'claim', claim, 'claimed_at', now)
        add('job', claim, raw, id, session, known)
      else
        redis.call('LPOP', processing)
        park(queue, raw, session, turn == id)
        if not known[1] or known[1] == 'waiting' or known[1] == 'dead' then
          redis.call('HSET', record, 'status', 'parked', 'session', session, 'flow', job.flow, 'queue', queue)
        end
      end
    end
  end
end
if looked == 0 then return answer end
answer[2] = redis.call('LLEN', waiting)
redis.call('DEL', last)
redis.call('RPUSH', last, call)
-- In pieces: Lua does not unpack thousands at once.
for first = 1, #answer, 900 do
  redis.call('RPUSH', last, unpack(answer, first, math.min(first + 899, #answer)))
end
return answer
