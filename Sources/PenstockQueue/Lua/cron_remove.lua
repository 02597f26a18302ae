-- Removes a cron entry. Jobs that it made go on.
--
-- KEYS[1] cron
-- ARGV[1] prefix   [2] name   [3] the origin that it has to have, or empty for any
-- Returns 1 if there was one, else 0.

local entry = key('cron', ARGV[2])
if ARGV[3] ~= '' and redis.call('HGET', entry, 'origin') ~= ARGV[3] then return 0 end
redis.call('ZREM', KEYS[1], ARGV[2])
return redis.call('DEL', entry)
