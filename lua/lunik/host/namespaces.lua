-- SPDX-License-Identifier: MIT
-- Whether this user may make user namespaces, by making one: sysctls, seccomp filters and security
-- modules all have a say in it. Returns true | nil, why not
local core = require "lunik.core"

return function()
  local ns, why = core.userns.open()
  if not ns then return nil, why end
  ns:close()
  return true
end
