-- SPDX-License-Identifier: MIT
-- Holds a command line against the QEMU that would run it: every mistake at once, before anything
-- is started. The rules are a file each; what QEMU takes, they take.
--   verify(argv, { known = what QEMU knows (lunik.host.caps) | nil, qmp = commands | nil, path = of
--     that QEMU; host = lunik.host | nil: not looked at, dir = where QEMU would run,
--     read(path) -> a file of options | nil })
--   -> { { code, severity = "error" | "warning", option, field, message, suggestion, at = index of
--        the option's first word }, … } in the order of the command line
local entries = require "lunik.verify.entries"
local report = require "lunik.verify.report"
local suggest = require "lunik.text.suggest"

local STEPS = 1 << 24      -- of all suggestions for one command line

local rules = {
  require "lunik.verify.option",
  require "lunik.verify.text",
  require "lunik.verify.arguments",
  require "lunik.verify.members",
  require "lunik.verify.backend",
  require "lunik.verify.device",
  require "lunik.verify.board",
  require "lunik.verify.cpu",
  require "lunik.verify.references",
  require "lunik.verify.amounts",
  require "lunik.verify.drives",
  require "lunik.verify.buses",
  require "lunik.verify.exclusive",
  require "lunik.verify.alone",
  function(line, list)
    if line.known and #line.qmp > 0 then require "lunik.verify.qmp"(line, list) end
  end,
  function(line, list)
    if line.host then require "lunik.verify.host"(line, list) end
  end,
}

return function(argv, options)
  local line = entries(argv, options.read)
  line.known, line.qmp = options.known, options.qmp or {}
  line.host, line.dir, line.path = options.host, options.dir, options.path
  local list = report.new(line)
  suggest.allow(STEPS)
  for _, rule in ipairs(rules) do rule(line, list) end
  suggest.allow()
  return list:sorted()
end
