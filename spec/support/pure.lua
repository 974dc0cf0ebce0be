-- SPDX-License-Identifier: MIT
-- busted's helper in `make check`: there a spec that starts a program fails.
local core = require "lunik.core"
local unistd = require "posix.unistd"

local function refuse()
  error("a spec of `make check` starts a program: name in spec/support/specs.lua what starts it", 2)
end

core.proc.spawn, unistd.fork, unistd.exec, unistd.execp = refuse, refuse, refuse, refuse
io.popen, os.execute = refuse, refuse -- luacheck: ignore
