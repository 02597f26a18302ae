-- Puts off a cron entry that a worker cannot deal with, and notes why. Its next occurrence stays.
--
-- KEYS[1] cron
-- ARGV[1] prefix   [2] name   [3] revision   [4] for how long, in ms   [5] why
-- Returns 1, or 0 if the entry was changed or removed meanwhile.

local entry = key('cron', ARGV[2])
if redis.call('HGET', entry, 'revision') ~= ARGV[3] then return 0 end
redis.call('ZADD', KEYS[1], 'XX', milliseconds() + ARGV[4], ARGV[2])
redis.call('HSET', entry, 'error', ARGV[5])
return 1
