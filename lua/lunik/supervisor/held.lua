-- SPDX-License-Identifier: MIT
-- The memory that a fork starts from: of the holder of what is saved, which is started where there
-- is none; or, where there can be none, read here.
local folder = require "lunik.saved.folder"
local holder = require "lunik.supervisor.holder"
local kind = require "lunik.schema.kind"
local template = require "lunik.supervisor.template"

local MAIN = "mem"

local function size_of(saved)
  local opened = folder.open(saved.dir)
  local entry = opened and opened.machine.files[saved.memory[MAIN] or ""]
  return entry and entry.size
end

local function shown(bytes)
  return kind.size.text(math.max(1, (bytes + (1 << 20) - 1) >> 20) << 20)
end

-- Of what is saved (lunik.vm.save.read): a template, to be closed | nil, why. `needed`: without it
-- there is no clone; else whoever has none reads the file himself, and nothing is why. tell(text)
-- hears of what takes a while.
return function(saved, needed, tell)
  local size = size_of(saved)
  local memory = size and holder.ask(saved, size)
  if memory then return memory end
  if size and tell then
    tell(("its memory is read and held against its sums: %s"):format(shown(template.bytes(saved))))
  end
  if size then holder.start(saved) end
  memory = size and holder.ask(saved, size)
  if memory or not needed then return memory or nil end
  return template.load(saved)
end
