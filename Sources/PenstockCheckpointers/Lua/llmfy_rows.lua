-- Looks at rows that llmfy 0.11 or an earlier one wrote, without their states: the oldest first, from one rank to another.
--
-- KEYS[1] the session's checkpoints   ARGV[1] prefix of checkpoints' keys   ARGV[2], ARGV[3] ranks, as ZRANGE takes them
-- Returns for each: id, session, created_at ('' for what is not of 0.11), step, how its state begins.
-- llmfy writes the state last, and quotes within a JSON string have a backslash before them: the first '"step":' is the key itself.
local answer = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], ARGV[2], ARGV[3])) do
  local key = ARGV[1] .. id
  local text = redis.call('GETRANGE', key, 0, 4095)
  if text ~= '' then
    local session = string.match(text, '"session_id":%s*"([^"]*)"')
    local created = string.match(text, '"created_at":%s*"([^"]*)"')
    local step = string.match(text, '"step":%s*(%-?%d+)[%s,}%.]')
    local state = string.match(text, '"state":%s*(.+)')
    if not (session and step and state) then
      local readable, row = pcall(cjson.decode, redis.call('GET', key))
      if not (readable and type(row) == 'table' and tonumber(row.step)) then return redis.error_reply('UNREADABLE ' .. key) end
      session, created, step = row.session_id, row.created_at, row.step
      state = type(row.state) == 'string' and '"' .. row.state or '{'
    end
    answer[#answer + 1] = id
    answer[#answer + 1] = session or ''
    answer[#answer + 1] = created or ''
    answer[#answer + 1] = tonumber(step)
    answer[#answer + 1] = string.sub(state, 1, 12)
  end
end
return answer
