-- SPDX-License-Identifier: MIT
-- A memory module: comes and goes as a whole.
local more = require "lunik.device.memory.more"
local qemu = require "lunik.qemu"

local dimm = { doc = "a memory module: comes and goes as a whole", fields = more.fields {},
               complete = more.complete, check = more.check, needs = more.needs,
               fork = "new" }

function dimm.emit(plan, memory)
  more.backend(plan, memory)
  plan:add(qemu.device { "pc-dimm", id = memory.id, memdev = memory.id .. "-backend" })
  more.in_guest(plan)
end

dimm.plug = dimm.emit

return dimm
