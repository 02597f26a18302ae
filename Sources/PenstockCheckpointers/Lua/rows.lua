-- Lists a session's checkpoints without their content, from the newest on or from a place on.
--
-- KEYS[1] the session's checkpoints
-- ARGV[1] prefix of checkpoints' keys   ARGV[2] how many to look at   ARGV[3] only those of a lesser step, or ''
-- ARGV[4] the rank (0 is the oldest) to go down from, or '' to begin
-- Returns {the rank to go on from, or -1, then for each: id, step, 1 for a __start__ row or 0, size in bytes}.
-- Prelude: position.lua
local before = tonumber(ARGV[3])

-- How far the sorted set's order may differ from that of the steps in what llmfy wrote.
local slack = 8

-- The step at a rank, or at the next lower one that has its checkpoint.
local function step_at(rank)
  while rank >= 0 do
    local step = read_row(ARGV[1] .. redis.call('ZRANGE', KEYS[1], rank, rank)[1])
    if step then return step end
    rank = rank - 1
  end
  return -1
end

local from = tonumber(ARGV[4])
if not from then
  local count = redis.call('ZCARD', KEYS[1])
  from = count - 1
  if before then
    local low, high = 0, count
    while low < high do
      local middle = math.floor((low + high) / 2)
      if step_at(middle) < before then low = middle + 1 else high = middle end
    end
    from = math.min(from, low - 1 + slack)
  end
end
if from < 0 then return {-1} end

local last = math.max(0, from - ARGV[2] + 1)
local ids = redis.call('ZRANGE', KEYS[1], last, from)
local answer = {last - 1}
for place = #ids, 1, -1 do
  local key = ARGV[1] .. ids[place]
  local step, is_start = read_row(key)
  if step and (not before or step < before) then
    answer[#answer + 1] = ids[place]
    answer[#answer + 1] = step
    answer[#answer + 1] = is_start and 1 or 0
    answer[#answer + 1] = redis.call('STRLEN', key)
  end
end
return answer
