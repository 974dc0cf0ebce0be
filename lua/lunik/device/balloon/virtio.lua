-- SPDX-License-Identifier: MIT
-- A virtio balloon: a guest that knows it (Linux from 5.7 on) reports its free pages, which QEMU
-- gives back to the host; and QMP's "balloon" takes memory from it.
local kind = require "lunik.schema.kind"
local qemu = require "lunik.qemu"

local balloon = {
  doc = "a virtio balloon",
  fields = {
    { "free_page_reporting", kind = kind.bool, default = true,
      doc = "the guest tells which of its memory is free, and the host has it back; not for a "
        .. "machine of which private copies are to be made" },
    { "deflate_on_oom", kind = kind.bool, default = false,
      doc = "a guest that runs out of memory gets back what QMP's \"balloon\" took from it" },
    { "id", kind = kind.id, default = "balloon", example = 'id = "spare"',
      doc = "what QEMU calls it" },
  },
  fork = "new",
}

-- Private copies stand on one memory, in which the pages that a clone gives back would be holes.
function balloon.no_clone(one, asked)
  return asked.private and one.free_page_reporting
    and "it gives back memory in which all clones stand: --memory copied", "free_page_reporting"
end

-- hw/virtio/virtio-balloon.c
function balloon.emit(plan, one)
  local at = plan:place(one.id, "balloon", one.id)
  plan:add(qemu.device { "virtio-balloon-pci", id = one.id, bus = at.bus, addr = at.addr,
    ["free-page-reporting"] = one.free_page_reporting or nil,
    ["deflate-on-oom"] = one.deflate_on_oom or nil })
end

balloon.plug = balloon.emit

return balloon
