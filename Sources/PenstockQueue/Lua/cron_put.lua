-- Adds a cron entry, or changes one.
--
-- KEYS[1] cron
-- ARGV[1] prefix   [2] name   [3] definition   [4] its expression and zone   [5] its first occurrence from now, in ms since 1970
-- ARGV[6] origin: 'command', or 'file:' and a path   [7] which of that name it may change: 'none', 'files' (those of files) or 'all'
-- ARGV[8] the message of a job of it
-- Returns 'added'; 'changed'; 'unchanged' if it was all that already; 'kept' if there is one that it may not change; 'unreadable' if
-- the scripts cannot read the message. An entry whose expression and zone stay keeps its next occurrence, and all keep their pause.

local entry = key('cron', ARGV[2])
local told = read(ARGV[8])
if not told or not told.id then return 'unreadable' end
local known = redis.call('HMGET', entry, 'definition', 'schedule', 'next', 'origin', 'paused')
local old = known[1]
if old then
  if ARGV[7] == 'none' or ARGV[7] == 'files' and string.sub(known[4], 1, 5) ~= 'file:' then return 'kept' end
  if old == ARGV[3] and known[4] == ARGV[6] then return 'unchanged' end
end
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'none' and kind ~= 'zset' then return redis.error_reply('WRONGTYPE ' .. KEYS[1] .. ' is a ' .. kind .. ', not a zset') end

local next = old and known[2] == ARGV[4] and known[3] or ARGV[5]
redis.call('HSET', entry, 'definition', ARGV[3], 'schedule', ARGV[4], 'next', next, 'origin', ARGV[6])
redis.call('HINCRBY', entry, 'revision', 1)
redis.call('HDEL', entry, 'error')
redis.call('ZADD', KEYS[1], known[5] == '1' and 'inf' or next, ARGV[2])
return old and 'changed' or 'added'
