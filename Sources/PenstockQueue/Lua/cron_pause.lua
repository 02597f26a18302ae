-- Pauses a cron entry, or lets it go on.
--
-- KEYS[1] cron
-- ARGV[1] prefix   [2] name   [3] the occurrence to go on with, in ms since 1970, or empty to pause   [4] the revision that this occurrence belongs to
-- Returns 1; 0 if it stood so already; nil if there is no such entry, or none of that revision.

local entry = key('cron', ARGV[2])
local known = redis.call('HMGET', entry, 'revision', 'paused')
local pauses = ARGV[3] == ''
if not known[1] or not pauses and known[1] ~= ARGV[4] then return false end
if (known[2] == '1') == pauses then return 0 end
if pauses then
  redis.call('HSET', entry, 'paused', '1')
else
  redis.call('HSET', entry, 'paused', '0', 'next', ARGV[3])
end
redis.call('HINCRBY', entry, 'revision', 1)
redis.call('ZADD', KEYS[1], pauses and 'inf' or ARGV[3], ARGV[2])
return 1
