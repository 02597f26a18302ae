-- Takes a session over: raises its epoch, notes the owner, and reads where it stands.
--
-- KEYS[1] head   KEYS[2] the session's checkpoints   KEYS[3] the job's record
-- ARGV[1] prefix of checkpoints' keys   ARGV[2] prefix of heads' keys   ARGV[3] session   ARGV[4] owner
-- ARGV[5] now, in µs   ARGV[6] time to live in ms, or ''
-- Returns {epoch, head, standing, created, updated, latest checkpoint, __start__ row, job's record, the epoch below which that
-- job's record is forgotten}; nil for each that is not there.
-- Preludes: head.lua, position.lua, lifetime.lua, found.lua
local known = redis.call('HMGET', KEYS[1], 'fence', 'position', 'standing', 'created', 'updated', 'forgotten', 'ends')
local created, updated, forgotten, ends = known[4], known[5], known[6], known[7]
local epoch, head = read_fence(known[1])
local counted, bytes, clock, latest = read_position(known[2])
local count = redis.call('ZCARD', KEYS[2])
local job
job, forgotten = find_job(KEYS[3], ARGV[3], ARGV[2], forgotten)

local blob, start = false, false
if counted == count and latest ~= '' then blob = redis.call('GET', ARGV[1] .. latest) end
local fields = {'fence', '', 'created', '', 'updated', '', 'position', ''}
local last = 2

if counted ~= count or (count > 0 and not blob) then
  -- A new session, or somebody else has written or deleted: look.
  local found, start_id, step = find_position(KEYS[2], ARGV[1])
  if found then blob = redis.call('GET', ARGV[1] .. found) end
  if start_id then start = redis.call('GET', ARGV[1] .. start_id) end
  head = math.max(head, step)
  local oldest = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2]
  local newest = redis.call('ZREVRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2]
  if newest and tonumber(newest) > tonumber(clock) then clock = string.format('%.6f', newest) end
  if counted ~= count then
    bytes = count == 0 and 0 or -1
    ends = ends and '0'
  end
  -- While a __start__ row counts, every opener has to find it.
  fields[8] = write_position(count, bytes, clock, start_id and '' or found or '')
  created = created or (oldest and microseconds(oldest)) or ARGV[5]
  updated = updated or (newest and microseconds(newest)) or ARGV[5]
  fields[4], fields[6], last = created, updated, 8
end
epoch = epoch + 1
fields[2] = write_fence(epoch, head, ARGV[4])
redis.call('HSET', KEYS[1], unpack(fields, 1, last))
-- Whoever has just opened a session must not find it thinned out: that counts as activity.
local standing = known[3] and string.gsub(known[3], '^(%S+ %S+) %S+', '%1 ' .. ARGV[5])
if standing then redis.call('HSET', KEYS[1], 'standing', standing) end
prolong(KEYS[1], KEYS[2], ARGV[1], ARGV[6], ends)
return {epoch, head, standing, created, updated, blob, start, job, forgotten}
