-- SPDX-License-Identifier: MIT
-- Tables that a terminal has room for: the widest columns are cut, but never the first, which is
-- what one types; where that is not enough, the last ones are left out.
local fit = {}

local LEAST = 8            -- letters that a column keeps
local GAP = 2              -- between two columns

local function length(text) return utf8.len(text) or #text end
fit.length = length

-- A text of at most `most` letters: of a path its end, of anything else its beginning.
function fit.cut(text, most)
  if length(text) <= most or not utf8.len(text) then return text end
  if text:find("/", 1, true) then return "…" .. text:sub(utf8.offset(text, -(most - 1))) end
  return text:sub(1, utf8.offset(text, most) - 1) .. "…"
end

-- How wide each column of `rows` is.
function fit.widths(rows)
  local widths = {}
  for _, row in ipairs(rows) do
    for i, word in ipairs(row) do widths[i] = math.max(widths[i] or 0, length(word)) end
  end
  return widths
end

local function widest(widths)
  local found
  for i = 2, #widths do
    if widths[i] > LEAST and (not found or widths[i] > widths[found]) then found = i end
  end
  return found
end

-- Leaves out the last columns of those that take `over` too much, but not the first two.
local function without_last(widths, over)
  while over > 0 and #widths > 2 do over = over - table.remove(widths) - GAP end
  return widths
end

-- Makes widths that together take no more than `most`, as far as that goes; there may be fewer.
function fit.into(widths, most)
  local over = GAP * (#widths - 1) - most
  for _, width in ipairs(widths) do over = over + width end
  while over > 0 do
    local which = widest(widths)
    if not which then return without_last(widths, over) end
    widths[which], over = widths[which] - 1, over - 1
  end
  return widths
end

return fit
