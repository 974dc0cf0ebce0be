-- SPDX-License-Identifier: MIT
-- The version that a program says of itself: "QEMU emulator version 7.2.22 (…)" is "7.2.22".
local core = require "lunik.core"
local signal = require "lunik.system.signal"

local PATIENCE = 5         -- seconds

-- The version of the program at `path` | nil
return function(path)
  local reader, writer = core.chan.pair()
  local child <close> = core.proc.spawn { argv = { path, "--version" },
                                          fds = { [1] = writer:fd(), [2] = writer:fd() } }
  writer:close()
  local text = child and reader:read(4096, PATIENCE) or ""
  reader:close()
  if child and not child:wait(PATIENCE) then
    child:signal(signal.KILL)
    child:wait(PATIENCE)
  end
  return text:match "version[: ]+v?(%d[%w.]*)" or text:match "%f[%w]v?(%d+%.%d[%w.]*)"
end
