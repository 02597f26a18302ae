-- Prelude: where a session stands, found by looking at its rows. For rows whose order in the sorted set nobody vouches for,
-- because llmfy wrote them: by the clock, and with a __start__ row of the same step as the row before.

-- The step of a stored checkpoint, and whether it is a __start__ row; nothing if it is not there.
-- Quotes within a JSON string have a backslash before them, so the first '"step":' is the key itself.
local function read_row(key)
  local text = redis.call('GETRANGE', key, 0, 1199)
  if text == '' then return nil end
  local step = string.match(text, '"step":%s*(%-?%d+)[%s,}%.]')
  local node = string.match(text, '"node_name":%s*"([^"]*)"')
  if not (step and node) then
    local readable, row = pcall(cjson.decode, redis.call('GET', key))
    if readable and type(row) == 'table' then step, node = row.step, row.node_name or row.node end
  end
  return tonumber(step) or error('UNREADABLE ' .. key), node == '__start__'
end

-- The id of the row with the greatest step that is no __start__ row, the id of a __start__ row whose step is not below it,
-- and the greater of their steps (0 if there is neither). Of equal steps the later row counts.
local function find_position(rows, blobs)
  local latest, latest_step, start, start_step
  local from, page = 0, 16
  repeat
    local ids = redis.call('ZREVRANGE', rows, from, from + page - 1)
    for _, id in ipairs(ids) do
      local step, is_start = read_row(blobs .. id)
      if step and is_start then
        if not start_step or step > start_step then start, start_step = id, step end
      elseif step then
        if not latest_step or step > latest_step then latest, latest_step = id, step end
      end
    end
    from = from + page
  until latest or #ids < page
  if start and latest and start_step < latest_step then start, start_step = nil, nil end
  return latest, start, math.max(latest_step or 0, start_step or 0)
end
