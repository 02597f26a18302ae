-- Takes a session over: raises its epoch, notes the owner, and reads where it stands.
--
-- KEYS[1] head   KEYS[2] the session's checkpoints   KEYS[3] the job's record
-- ARGV[1] prefix of checkpoints' keys   ARGV[2] prefix of heads' keys   ARGV[3] session   ARGV[4] owner
-- ARGV[5] now, in µs   ARGV[6] time to live in ms, or ''
-- Returns {epoch, head, flow, version, status, created, updated, latest checkpoint, __start__ row, job's record, the epoch
-- below which that job's record is forgotten}; nil for each that is not there.
-- Preludes: position.lua, lifetime.lua
local known = redis.call('HMGET', KEYS[1], 'epoch', 'head', 'flow', 'version', 'status', 'created', 'updated', 'forgotten',
  'checkpoints', 'latest', 'clock', 'ends')
local head, created, updated, forgotten, latest = known[2] or '0', known[6], known[7], known[8], known[10]
local count = redis.call('ZCARD', KEYS[2])
local job = redis.call('GET', KEYS[3])
if job then
  local session = string.match(job, '"session_id":"([^"]*)"')
  if session and session ~= ARGV[3] then forgotten = redis.call('HGET', ARGV[2] .. session, 'forgotten') end
end

local ours = tonumber(known[9]) == count
local blob, start = false, false
if ours and latest and latest ~= '' then blob = redis.call('GET', ARGV[1] .. latest) end
local epoch = string.format('%.0f', (tonumber(known[1]) or 0) + 1)
local fields = {'epoch', epoch, 'owner', ARGV[4]}
local function set(name, value)
  fields[#fields + 1] = name
  fields[#fields + 1] = value
end

if count > 0 and not blob then
  -- Somebody else has written or deleted: look.
  local found, start_id, step = find_position(KEYS[2], ARGV[1])
  if found then blob = redis.call('GET', ARGV[1] .. found) end
  if start_id then start = redis.call('GET', ARGV[1] .. start_id) end
  if step > tonumber(head) then head = string.format('%.0f', step) end
  -- While a __start__ row counts, every opener has to find it.
  set('latest', start_id and '' or found or '')
  set('checkpoints', count)
  if not ours then set('bytes', '') end
  local newest = string.format('%.0f', redis.call('ZREVRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2] * 1000000)
  if tonumber(newest) > (tonumber(known[11]) or 0) then set('clock', newest) end
  if not known[1] then
    created = string.format('%.0f', redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2] * 1000000)
    updated = newest
  end
  if not ours then known[12] = known[12] and '0' end
elseif not ours then
  set('checkpoints', 0)
  set('bytes', 0)
  set('latest', '')
end
if not known[1] then
  created, updated = created or ARGV[5], updated or ARGV[5]
  set('created', created)
  set('updated', updated)
end
set('head', head)
redis.call('HSET', KEYS[1], unpack(fields))
prolong(KEYS[1], KEYS[2], ARGV[1], ARGV[6], known[12])
return {epoch, head, known[3], known[4], known[5], created, updated, blob, start, job, forgotten}
