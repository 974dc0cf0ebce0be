-- SPDX-License-Identifier: MIT
-- The forwards of a running machine, a list in vm.bound. Methods of lunik.vm.
local qmp = require "lunik.qmp.forwards"

local forwards = {}

function forwards.find_forward(vm, name)
  for _, forward in ipairs(vm.bound) do
    if forward.name == tostring(name) then return forward end
  end
end

-- One more forward, { guest =, port =, address =, protocol =, name = }: it, with its real port
-- | nil, why
function forwards.add_forward(vm, asked)
  local why, code = vm:hindered()
  if why then return nil, why, code end
  local added
  added, why, code = qmp.add(vm, asked)
  if not added then return nil, require "lunik.vm.cause".of({}, why) or why, code end
  vm.bound[#vm.bound + 1] = added
  vm.guest:has_forward()
  vm:record()
  return { name = added.name, protocol = added.protocol, address = added.address,
           port = added.port, guest = added.guest }
end

-- Closes a forward by its name; what is connected stays so: true | nil, why
function forwards.remove_forward(vm, name)
  local why, code = vm:hindered()
  if why then return nil, why, code end
  for i, forward in ipairs(vm.bound) do
    if forward.name == tostring(name) then
      local ok
      ok, why = qmp.remove(vm, forward)
      if ok then table.remove(vm.bound, i) end
      vm:record()
      return ok, why
    end
  end
  return nil, ("no forward named '%s'"):format(name), "missing"
end

return forwards
