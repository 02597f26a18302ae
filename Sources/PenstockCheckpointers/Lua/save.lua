-- The rest of save_first.lua, which tells what it is called with: for a session with more than one job, or a time to live.
-- Preludes: lifetime.lua, jobs.lua
if is_another_job then note_job(KEYS[5], job, ARGV[11]) end
prolong(KEYS[1], KEYS[2], string.sub(KEYS[3], 1, -#ARGV[4] - 1), ARGV[8], known[3], KEYS[3])
