-- Prelude: how long the keys of a session live, when a time to live is set.

-- Gives the head and the sorted set their time from now, and the checkpoints at least as much: they are given twice the
-- time, all of them together, when one might end too early. So a save costs the same however long the history is.
-- life: the time to live in ms, '' for none. ends: when the checkpoints end, as the head has it. fresh: a new one's key.
local function prolong(head, rows, blobs, life, ends, fresh)
  if life == '' and not ends then return end
  if life == '' then
    for _, id in ipairs(redis.call('ZRANGE', rows, 0, -1)) do redis.call('PERSIST', blobs .. id) end
    redis.call('PERSIST', rows)
    redis.call('PERSIST', head)
    redis.call('HDEL', head, 'ends')
    return
  end
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  if tonumber(ends or 0) < now + life then
    ends = string.format('%.0f', now + 2 * life)
    for _, id in ipairs(redis.call('ZRANGE', rows, 0, -1)) do redis.call('PEXPIREAT', blobs .. id, ends) end
    redis.call('HSET', head, 'ends', ends)
  elseif fresh then
    redis.call('PEXPIREAT', fresh, ends)
  end
  redis.call('PEXPIRE', head, life)
  redis.call('PEXPIRE', rows, life)
end
