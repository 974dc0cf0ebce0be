-- SPDX-License-Identifier: MIT
-- Finds swtpm, by PATH: { path } | nil, why
local facts = require "lunik.host.facts"

return function()
  local path = facts.program "swtpm"
  if path then return { path = path } end
  return nil, "no swtpm found: not by PATH; the package is called swtpm"
end
