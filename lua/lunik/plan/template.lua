-- SPDX-License-Identifier: MIT
-- A machine whose starts are clones of a template (lunik.device.template): what the clones are to
-- be like, and the machine that the template itself is. A function of data.
local template = {}

-- The machine's template { … } | nil
function template.of(machine)
  for _, item in ipairs(machine.items) do
    if item.family == "template" then return item end
  end
end

-- What the clones are to be like, as far as the recipe alone says it (lunik.plan.fork) | nil where
-- it has no template
function template.asked(machine)
  return template.of(machine) and { forward = "written", template = true } or nil
end

-- The machine that is prepared: it runs until that is done, and no longer.
function template.machine(machine)
  local out = setmetatable({}, getmetatable(machine))
  for name, value in next, machine do out[name] = value end
  out.paused, out.gdb, out.life, out.on_host_shutdown = nil, nil, nil, "stop"
  local own = template.of(machine).ready
  if own then out.ready = { kind = own.kind, pattern = own.pattern, call = own.call } end
  return out
end

return template
