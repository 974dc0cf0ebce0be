-- SPDX-License-Identifier: MIT
-- What the kinds of console share: a socket that QEMU listens on, and a log.
local kind = require "lunik.schema.kind"
local qemu = require "lunik.qemu"

local line = {}

line.fields = {
  { "log", kind = kind.path(), example = 'log = "console.log"',
    doc = "a file that gets all output; kept" },
}

-- A log of its own, a clone has like any machine; one that the recipe names is one file.
function line.no_clone(console)
  return console.log and "every clone would write to this file; left out, each has its own log",
         "log"
end

-- Emits the character backend "console" and tells the plan where it is.
function line.emit(plan, console)
  local path = plan:runtime_file "console.sock"
  local log = console.log or plan:log_file "console.log"
  plan:descriptor { name = "console", kind = "listen", path = path }
  plan:add(qemu.chardev { "socket", id = "console", logfile = log, logappend = console.log == nil,
    path = qemu.descriptor("console", { "path", path, "server", true, "wait", false },
      { "fd", "%d", "server", true, "wait", false }) })
  plan:has_console { path = path, log = log }
end

return line
