-- SPDX-License-Identifier: MIT
-- Credentials for the guest's systemd, for all of which there is one room.
local check = require "lunik.schema.check"
local systemd = require "lunik.device.credential.systemd"

local credential = {
  kinds = { "systemd" }, unique = { "name" }, doc = "a credential for the guest's systemd",
  example = 'credential { name = "motd", value = "hello" }',
}

function credential.together(list, _, problems)
  local bytes = 0
  for _, one in ipairs(list) do bytes = bytes + #(one.value or "") end
  local why = systemd.beyond(bytes)
  if why then check.add(problems, list[#list].at, "credential", why) end
end

return credential
