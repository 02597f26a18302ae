-- Forgets one of the dead.
--
-- KEYS[1] dead
-- ARGV[1] prefix   [2] id among the dead
-- Returns 1 if there was one, else 0.

redis.call('DEL', key('dead', ARGV[2]))
return redis.call('ZREM', KEYS[1], ARGV[2])
