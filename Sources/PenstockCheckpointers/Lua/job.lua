-- Reads a job's record.
--
-- KEYS[1] the job's record   ARGV[1] prefix of heads' keys
-- Returns {record, the epoch below which it is forgotten}; nil for each that is not there.
local job = redis.call('GET', KEYS[1])
if not job then return {false, false} end
local session = string.match(job, '"session_id":"([^"]*)"')
return {job, session and redis.call('HGET', ARGV[1] .. session, 'forgotten')}
