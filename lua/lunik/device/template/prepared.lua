-- SPDX-License-Identifier: MIT
-- A template of the machine: booted under a name of its own, waited for, prepared and saved; from
-- then on a start of the machine is a clone of that, until the recipe, or what it is made of,
-- changes (lunik.supervisor.prepared).
local kind = require "lunik.schema.kind"
local plain = require "lunik.schema.plain"

local prepare = { name = "function", expects = "a function(vm)", read = function(value)
  if type(value) == "function" and not plain.shown(value) then return value end
  return nil, "a function(vm) expected, got " .. kind.show(value)
end }

-- What the machine's own `ready` takes is known to whoever reads the machine.
local ready = { name = "ready", expects = "what the machine's own ready takes",
  read = function(value, context) return context.ready.read(value, context) end,
  shown = function(value)
    if value.kind == "function" then return "a function" end
    return value.pattern and "console: " .. value.pattern or value.kind
  end }

local prepared = {
  doc = "a machine that is prepared once, and forked at every start",
  fields = {
    { "prepare", kind = prepare, code = true,
      example = 'prepare = function(vm) vm:exec { "make", "deps" } end',
      doc = "function(vm), called once the template is ready; what it raises ends the start" },
    { "ready", kind = ready, example = 'ready = "cloud-init"',
      doc = "when the template is ready; default: the machine's own ready" },
    { "keep", kind = kind.span, default = 7 * 86400, example = 'keep = "12h"',
      doc = "how long it stays after it was last used, such as \"7d\", \"12h\"; default: a week" },
  },
  fork = "share", no_plug = "is read when the machine starts",
}

-- Its memory lies apart from QEMU's, so that all clones can stand in it.
function prepared.needs(_, machine) return { shared_memory = machine.defaults or nil } end

function prepared.emit(plan)
  if plan.saved or plan.template then return end
  plan:note "every start is a clone of its template, which is booted and prepared once"
end

return prepared
