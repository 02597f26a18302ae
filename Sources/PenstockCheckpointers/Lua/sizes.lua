-- ARGV: keys of checkpoints
-- Returns the bytes that each holds, 0 for one that is not there.
local sizes = {}
for place, key in ipairs(ARGV) do sizes[place] = redis.call('STRLEN', key) end
return sizes
