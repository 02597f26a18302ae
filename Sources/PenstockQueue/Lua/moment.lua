-- Stands in front of the prelude: moments as messages write them.

-- The days from 1970 to a date, by its months from March on.
local function daysTo(year, month, day)
  if month <= 2 then year, month = year - 1, month + 12 end
  return 365 * year + math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
    + math.floor((153 * (month - 3) + 2) / 5) + day - 719469
end

-- A moment as RFC 3339 writes it, in ms since 1970; nil for what is none.
local function momentOf(text)
  local year, month, day, hour, minute, second, rest =
    string.match(text, '^(%d%d%d%d)%-(%d%d)%-(%d%d)[Tt ](%d%d):(%d%d):(%d%d)(.*)$')
  if not year then return nil end
  local fraction, zone = string.match(rest, '^(%.%d+)(.*)$')
  zone = zone or rest
  local sign, hours, minutes = string.match(zone, '^([+-])(%d%d):(%d%d)$')
  if not sign and zone ~= 'Z' and zone ~= 'z' then return nil end
  local offset = sign and (hours * 60 + minutes) * (sign == '+' and 60 or -60) or 0
  local seconds = daysTo(tonumber(year), tonumber(month), tonumber(day)) * 86400 + hour * 3600 + minute * 60 + second - offset
  return seconds * 1000 + math.floor((fraction and tonumber('0' .. fraction) or 0) * 1000)
end
