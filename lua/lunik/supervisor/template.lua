-- SPDX-License-Identifier: MIT
-- The memory of a saved machine, read once and held against its sums, in which any number of clones
-- stand: each has pages of its own as soon as it writes. It is sealed: nobody can write to it, nor
-- give back a page of it, however a clone behaves; where it cannot be, there are no such clones.
local core = require "lunik.core"
local folder = require "lunik.saved.folder"
local stat = require "posix.sys.stat"

local template = {}
template.__index = template
template.__close = function(self) self:close() end

local MAIN = "mem"         -- the memory that a machine begins with
local BLOCK = 512          -- bytes of what stat(2) counts

-- Why what is saved can have no such clones | nil. saved: lunik.vm.save.read
function template.cannot(saved)
  if not saved.memory[MAIN] then
    return 'the machine was saved without a memory apart: memory = { size = "1G", kept = true }'
  end
  for id in pairs(saved.memory) do
    if id ~= MAIN then return "memory was plugged while the machine ran" end
  end
end

-- How much of the host's memory it takes to keep it, as far as the file system tells.
function template.bytes(saved)
  local opened = folder.open(saved.dir)
  local name = saved.memory[MAIN]
  local entry = opened and opened.machine.files[name or ""]
  if entry and entry.packed then return entry.size end
  local info = opened and name and stat.stat(opened.path .. "/" .. name)
  return info and math.min(info.st_blocks * BLOCK, info.st_size) or 0
end

-- The memory of what is saved, read and held against its sum | nil, why. The caller closes it.
function template.load(saved)
  local opened, why = folder.open(saved.dir)
  if not opened then return nil, why end
  local name = saved.memory[MAIN]
  local memory
  memory, why = core.ram.new("template-" .. MAIN, opened.machine.files[name].size, true)
  if not memory then return nil, why end
  local self = setmetatable({ memory = memory }, template)
  local ok
  ok, why = opened:copy(name, memory:fd())
  if ok then
    ok, why = memory:seal()
    why = why and why .. ": --memory copied has no need of it"
  end
  if ok then return self end
  self:close()
  return nil, why
end

-- The same of a holder (lunik.supervisor.holder), whose descriptor this is | nil where it is not
-- what it should be: of so many bytes, and such that nobody can write to it
function template.of_holder(fd, size)
  local self = setmetatable({ memory = core.ram.adopt(fd) }, template)
  local info = stat.fstat(fd)
  if info and info.st_size == size and self.memory:sealed() then return self end
  self:close()
end

-- Its descriptors, to be handed to a supervisor.
function template:fds() return { self.memory:fd() } end

function template:close() self.memory:close() end

-- The same for a machine that is carried out in this process.
function template:here() return { [MAIN] = self.memory } end

-- The supervisor's half: memory by the names of a plan's descriptors.
function template.taken(fds)
  return { [MAIN] = core.ram.adopt(fds[1]) }
end

return template
