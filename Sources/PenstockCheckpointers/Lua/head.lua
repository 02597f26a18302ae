-- Prelude: what stands in a session's head, a hash. What is read or written together is one field, words with spaces between, because
-- each field costs a save half a microsecond.
--
-- fence      epoch, head, owner. A writer has to name it as it is.
-- position   number of checkpoints, bytes of their states (-1: not known), score of the last one that we wrote,
--            id of the latest ('': not known, look)
-- standing   version, status, when it was last opened or written (µs), flow; not there before the first save and after a reset
-- created, updated    in µs; updated counts where there is no standing
-- first_job  the job that made the session (the others stand in a sorted set of their own)
-- forgotten  records of jobs whose writer had a lesser epoch are forgotten
-- ends       when the checkpoints end, in ms, if a time to live is set

-- Of a session that was never seen.
local no_fence, no_position = '0 0 ', '0 0 0 '

local function read_fence(fence)
  local epoch, head, owner = string.match(fence or no_fence, '^(%d+) (%d+) (.*)$')
  return tonumber(epoch), tonumber(head), owner
end

local function write_fence(epoch, head, owner)
  return string.format('%.0f %.0f %s', epoch, head, owner)
end

local function read_position(position)
  local count, bytes, clock, latest = string.match(position or '-1 -1 0 ', '^(%-?%d+) (%-?%d+) (%S+) (.*)$')
  return tonumber(count), tonumber(bytes), clock, latest
end

local function write_position(count, bytes, clock, latest)
  return count .. ' ' .. bytes .. ' ' .. clock .. ' ' .. latest
end

-- A score, which is in seconds, in µs.
local function microseconds(score)
  return string.format('%.0f', score * 1000000)
end
