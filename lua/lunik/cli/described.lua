-- SPDX-License-Identifier: MIT
-- docs/program.md: every verb as its options tell it. Only what is below cli/ knows the verbs.
local usage = require "lunik.cli.usage"

return function()
  local cli, verbs = require "lunik.cli", {}
  for i, name in ipairs(cli.verbs) do verbs[i] = usage.described(cli.verb(name)) end
  return require "lunik.reference.program".markdown(verbs)
end
