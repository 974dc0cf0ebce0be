-- SPDX-License-Identifier: MIT
-- An item: what a constructor of a recipe returns. The recipe holds a handle that shows
-- nothing; what it stands for is lunik's:
--   word    the constructor ("disk", "part", "qemu.device", "on")
--   fields  the table it was given, as written
--   at      positions, the writing line first, then the callers of its function
local item = {}

local opened = setmetatable({}, { __mode = "k" })

local function inert() error("an item cannot be looked into or changed", 2) end

local handle = { __name = "lunik.item", __metatable = false, __index = inert, __newindex = inert }

function item.new(word, fields, at)
  local made = setmetatable({}, handle)
  opened[made] = { word = word, fields = fields, at = at }
  return made
end

-- What a handle stands for, or nil when `value` is none.
function item.open(value) return opened[value] end

return item
