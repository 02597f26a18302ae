-- Notes something of the pair of stores, if what is noted is what the caller saw.
--
-- KEYS[1] the note   ARGV[1] what has to be noted, or '' if nothing must be   ARGV[2] what is noted then, or '' for nothing
-- Returns 1 if it is noted, 0 if not.
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
