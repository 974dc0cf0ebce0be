-- SPDX-License-Identifier: MIT
-- A check of a program that something is done with: { name, program, without = what cannot be had,
-- package | nil: the program's name }
local distribution = require "lunik.doctor.distribution"

return function(row)
  return { name = row.name, doc = row.program, look = function(host, say)
    local path = host.program(row.program)
    if path then return say("ok", path) end
    say("warn", ("%s is not in PATH: %s"):format(row.program, row.without),
      distribution.install(host, row.package or row.program))
  end }
end
