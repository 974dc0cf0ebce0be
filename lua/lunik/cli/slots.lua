-- SPDX-License-Identifier: MIT
-- `lunik slots`: what sits in which port of a running machine.
local attached = require "lunik.cli.attached"
local cli = require "lunik.cli"
local core = require "lunik.core"
local exit = require "lunik.exit"
local shown = require "lunik.cli.shown"

local slots = { name = "slots", summary = "show what sits in the ports for hot plug" }

function slots.args(command)
  cli.machine_arg(command)
  command:flag("--json", "as JSON")
end

local function word(key)
  return function(one) return one[key] or "-" end
end

local columns = { { "PORT", word "port" }, { "STATE", word "state" }, { "WHAT", word "family" },
                  { "NAME", word "label" }, { "ID", word "id" } }

function slots.run(args, out, err)
  return attached.with(args, function(vm)
    local list, why = vm:slots()
    if not list then return nil, why, exit.problems end
    if args.json then
      out:write(core.json.encode { lunik = 1, name = vm.name, slots = list }, "\n")
    elseif #list == 0 then
      err:write(vm.name, ": no ports: hotplug { ports = 16 } in its recipe makes some\n")
    else
      shown.table(shown.rows(columns, list), out)
    end
    return exit.ok
  end)
end

return slots
