-- Removes the oldest checkpoints of a session that are no longer kept, or only counts them. The session's writer does not
-- notice, but when the last checkpoint goes: that shuts it out.
--
-- KEYS[1] head   KEYS[2] the session's checkpoints
-- ARGV[1] prefix of checkpoints' keys   ARGV[2] prefix of jobs' records
-- ARGV[3] how many of the last ones stay, or ''   ARGV[4] the score before which a checkpoint goes, or ''
-- ARGV[5] the last checkpoint may go if the session is done and was not opened or written since, in µs, or ''
-- ARGV[6] the rank (0 is the oldest) to begin at   ARGV[7] how many to look at   ARGV[8] how many before that rank stay
-- ARGV[9] 1 to remove, 0 to count
-- Returns {the rank to go on from, or -1, how many before it stay, how many were looked at, checkpoints removed, bytes of their
-- states}.
-- Preludes: head.lua, position.lua
local known = redis.call('HMGET', KEYS[1], 'fence', 'position', 'standing')
local total = redis.call('ZCARD', KEYS[2])
local from, most, kept, removes = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[9] == '1'
if not known[3] or total == 0 then return {-1, kept, 0, 0, 0} end
local epoch, head = read_fence(known[1])
local count, bytes, clock, noted = read_position(known[2])
local latest, start, step = noted, nil, head
if count ~= total or noted == '' then latest, start, step = find_position(KEYS[2], ARGV[1]) end

local stays = ARGV[3] == '' and total or tonumber(ARGV[3])
local oldest = tonumber(ARGV[4]) or -math.huge

-- The bytes of a checkpoint's state, and whether it is the result of a job that is known. Ours say both before the state.
local function look_at(id)
  local text = redis.call('GETRANGE', ARGV[1] .. id, 0, 1199)
  local job = string.match(text, '"job_id":"([^"]*)"')
  local record = job and redis.call('GET', ARGV[2] .. job)
  local result = record and string.match(record, '"result_checkpoint_id":"([^"]*)"')
  return tonumber(string.match(text, '"state_bytes":(%d+)') or redis.call('STRLEN', ARGV[1] .. id)), result == id
end

local gone, freed, rank, stopped = {}, 0, from, false
local rows = redis.call('ZRANGE', KEYS[2], from, from + most - 1, 'WITHSCORES')
for place = 1, #rows, 2 do
  local id = rows[place]
  -- This one stays, and so do all that are younger.
  stopped = rank >= total - stays and tonumber(rows[place + 1]) >= oldest
  if stopped then break end
  if id ~= latest and id ~= start then
    local size, is_result = look_at(id)
    if is_result then kept = kept + 1 else
      gone[#gone + 1] = id
      freed = freed + size
    end
  end
  rank = rank + 1
end
local looked = rank - from
local finished = stopped or rank >= total

-- What the session's position hangs on goes last, and only when nothing else is left.
local status, active = string.match(known[3], '^%S+ (%S+) (%S+)')
local emptied = finished and not stopped and kept == 0 and status == 'done' and ARGV[5] ~= ''
  and tonumber(active) < tonumber(ARGV[5])
if emptied then
  local last, last_bytes = {}, 0
  for _, id in pairs({latest, start}) do
    local score = redis.call('ZSCORE', KEYS[2], id)
    local size, is_result = look_at(id)
    emptied = emptied and score and tonumber(score) < oldest and not is_result
    last[#last + 1] = id
    last_bytes = last_bytes + size
  end
  if emptied then
    for _, id in ipairs(last) do gone[#gone + 1] = id end
    freed = freed + last_bytes
  end
end

if removes and #gone > 0 then
  for _, id in ipairs(gone) do redis.call('UNLINK', ARGV[1] .. id) end
  redis.call('ZREM', KEYS[2], unpack(gone))
  rank = rank - #gone
  if emptied then
    redis.call('HSET', KEYS[1], 'fence', write_fence(epoch + 1, math.max(head, step), ''),
      'position', write_position(0, 0, clock, ''))
  elseif count == total then
    redis.call('HSET', KEYS[1], 'position', write_position(count - #gone, bytes < 0 and bytes or bytes - freed, clock, noted))
  else
    -- Somebody else has written: the next opener has to look.
    redis.call('HSET', KEYS[1], 'position', write_position(-1, -1, clock, ''))
  end
end
return {finished and -1 or rank, kept, looked, #gone, freed}
