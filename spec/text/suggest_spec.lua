-- SPDX-License-Identifier: MIT
-- The nearest right name, and what finding it may cost.
local suggest = require "lunik.text.suggest"

-- The distance as it is defined, without bounds.
local function distance(a, b)
  local d = {}
  for i = 0, #a do d[i] = { [0] = i } end
  for j = 0, #b do d[0][j] = j end
  for i = 1, #a do
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j) and 0 or 1
      d[i][j] = math.min(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + same)
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        d[i][j] = math.min(d[i][j], d[i - 2][j - 2] + 1)
      end
    end
  end
  return d[#a][#b]
end

local function word()
  local letters = {}
  for i = 1, math.random(9) do letters[i] = ("abcd"):sub(math.random(4)):sub(1, 1) end
  return table.concat(letters)
end

describe("suggest", function()
  after_each(function() suggest.allow(nil) end)

  it("gives the first of the nearest, 2,000 random times", function()
    for _ = 1, 2000 do
      local wrong, names, best = word(), {}, nil
      for i = 1, 6 do names[i] = word() end
      local least = math.max(1, (#wrong + 1) // 3) + 1
      for _, name in ipairs(names) do
        local far = distance(wrong, name)
        if far < least then best, least = name, far end
      end
      assert.equal(best, suggest.nearest(wrong, names), wrong .. ": " .. table.concat(names, " "))
    end
  end)

  it("suggests nothing when its steps are taken", function()
    suggest.allow(60)
    assert.equal("; did you mean 'memory'?", suggest.hint("memroy", { "memory" }))
    assert.equal("", suggest.hint("memroy", { "memory", "other", "more", "none", "much", "many" }))
    suggest.allow(nil)
    assert.equal("; did you mean 'memory'?", suggest.hint("memroy", { "memory" }))
  end)

  it("counts names that it does not compare", function()
    suggest.allow(1000)
    local names = {}
    for i = 1, 2000 do names[i] = ("x"):rep(100) .. i end
    assert.is_nil(suggest.nearest("memory", names))
    assert.is_nil(suggest.nearest("memroy", { "memory" }))
  end)
end)
