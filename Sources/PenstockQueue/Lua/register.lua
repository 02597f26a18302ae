-- Makes a worker known, anew after it was given up for dead.
--
-- KEYS[1] workers
-- ARGV[1] prefix   [2] worker   [3...] field, value, field, value … of its record
-- Returns 1.

local worker = ARGV[2]
local record = key('worker', worker)
for index = 3, #ARGV, 2 do redis.call('HSET', record, ARGV[index], ARGV[index + 1]) end
local now = stamp()
redis.call('HSETNX', record, 'since', now)
redis.call('ZADD', KEYS[1], now, worker)
return 1
