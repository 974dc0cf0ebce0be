-- SPDX-License-Identifier: MIT
-- The nearest right name for a wrong one.
local suggest = {}

-- Steps that are left, a comparison of two letters each.
local left = math.huge

-- How many steps all that is suggested from now on may take together; nil for any number.
function suggest.allow(steps) left = steps or math.huge end

-- Damerau-Levenshtein (restricted) over bytes, in rows; any number from `least` on is as good as
-- another.
local function distance(a, b, least)
  local before, last, this = {}, {}, {}
  for j = 0, #b do last[j] = j end
  for i = 1, #a do
    this[0] = i
    local nearest = i
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j)
      this[j] = math.min(last[j] + 1, this[j - 1] + 1, last[j - 1] + (same and 0 or 1))
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        this[j] = math.min(this[j], before[j - 2] + 1)
      end
      nearest = math.min(nearest, this[j])
    end
    left = left - #b
    -- a swap of letters comes from the row before, at a cost of one
    if nearest > least then return least end
    before, last, this = last, this, before
  end
  return last[#b]
end

-- The name of `names` (a list) nearest to `wrong`, or nil when none is near: more than `most`
-- letters off, or else than a third of them, rounded. Nor when no steps are left.
function suggest.nearest(wrong, names, most)
  local best, least = nil, (most or math.max(1, (#wrong + 1) // 3)) + 1
  wrong = wrong:lower()
  for _, name in ipairs(names) do
    left = left - 1
    if left < 0 then return nil end
    if math.abs(#name - #wrong) < least and #name < 256 then
      local far = distance(wrong, name:lower(), least)
      if far < least then best, least = name, far end
    end
  end
  return best
end

-- "; did you mean 'x'?", or nothing.
function suggest.hint(wrong, names, most)
  local name = #wrong < 256 and suggest.nearest(wrong, names, most)
  return name and ("; did you mean '%s'?"):format(name) or ""
end

-- The hint, or else all names where there are at most `most` of them: "; there are: a, b".
function suggest.hint_or_all(wrong, names, most)
  local hint = suggest.hint(wrong, names)
  if hint ~= "" or #names == 0 or #names > most then return hint end
  return "; there are: " .. table.concat(names, ", ")
end

return suggest
