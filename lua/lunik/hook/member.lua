-- SPDX-License-Identifier: MIT
-- The members of an event's data, as rows of events spell them.
local member = {}

member.maybe = { optional = true }

local function of(type)
  return function(name, doc, more)
    local out = { name = name, type = type, doc = doc }
    for key, value in pairs(more or {}) do out[key] = value end
    return out
  end
end

member.text, member.number, member.truth, member.object = of "string", of "integer", of "boolean",
  of "table"

-- A text that is one of the words in `names`.
function member.word(name, names, doc)
  local values = {}
  for each in names:gmatch "%S+" do values[#values + 1] = each end
  return member.text(name, doc, { values = values })
end

return member
