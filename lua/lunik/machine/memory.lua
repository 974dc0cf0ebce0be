-- SPDX-License-Identifier: MIT
-- The field `memory`: how much, and whether it is kept in files without a name, apart from QEMU's
-- own, as it is in any case where a daemon has to map it.
local kind = require "lunik.schema.kind"

local memory = {}

local fields = kind.record('{ size = "4G", kept = true }', { size = kind.size, kept = kind.bool })

memory.kind = { name = kind.size.name, parse = kind.size.parse, text = kind.size.text,
  expects = kind.size.expects .. ", or " .. fields.expects,
  read = function(value, context)
    local size, why = kind.size.read(value)
    if size or type(value) ~= "table" then return size, why end
    return fields.read(value, context)
  end }

-- What the recipe says nothing of.
memory.DEFAULT = 1 << 30

-- Splits it into the size, which others ask for, and whether it is kept.
function memory.settle(values)
  local said = values.memory
  if type(said) ~= "table" then return end
  values.memory, values.keeps_memory = said.size or memory.DEFAULT, said.kept
end

-- What is kept is such as a daemon could map.
function memory.needs(_, machine)
  return { shared_memory = machine.keeps_memory or nil }
end

return memory
