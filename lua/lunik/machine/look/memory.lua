-- SPDX-License-Identifier: MIT
-- The guest's memory against the host's.
local kind = require "lunik.schema.kind"
local kinds = require "lunik.qemu.kind"

local looks = {}

local OVERCOMMIT = "/proc/sys/vm/overcommit_memory"

local function whole(bytes) return kind.size.text(bytes >> 20 << 20) end

-- -m counts a bare number in MiB.
function looks.memory(self, about)
  local args, host = about.args, self.host
  local size = args[1] or args.size
  local bytes = size and kinds.bytes(size, 20)
  if not bytes or not host.memory or host.memory == 0 then return end
  local key = args[1] == nil and "size" or nil
  if bytes > host.memory then
    -- proc(5): 1 has the kernel promise whatever is asked
    local promised = (host.head(OVERCOMMIT, 16) or ""):find "^1"
    self:add(key, size, "memory-short", ("%s of memory, and this host has %s"):format(
      kind.size.text(bytes), whole(host.memory)), promised and "warning" or nil)
  elseif host.available_memory and bytes > host.available_memory then
    self:add(key, size, "memory-scarce", ("%s of memory, of which %s is free on this host now")
      :format(kind.size.text(bytes), whole(host.available_memory)), "warning")
  end
end

return looks
