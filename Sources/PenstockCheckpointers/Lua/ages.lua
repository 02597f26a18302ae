-- Tells of sessions by what it is decided whether there may be something to remove.
--
-- KEYS: of each session, its head and its checkpoints
-- Returns for each session its standing ('' if it has none), how many checkpoints it has, and the oldest one's score ('' if
-- there is none).
local answer = {}
for place = 1, #KEYS, 2 do
  answer[#answer + 1] = redis.call('HGET', KEYS[place], 'standing') or ''
  answer[#answer + 1] = redis.call('ZCARD', KEYS[place + 1])
  answer[#answer + 1] = redis.call('ZRANGE', KEYS[place + 1], 0, 0, 'WITHSCORES')[2] or ''
end
return answer
