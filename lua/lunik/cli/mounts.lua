-- SPDX-License-Identifier: MIT
-- `lunik mounts`: what a running guest has of the host's directories.
local attached = require "lunik.cli.attached"
local cli = require "lunik.cli"
local core = require "lunik.core"
local exit = require "lunik.exit"
local printable = require "lunik.printable"
local shown = require "lunik.cli.shown"
local state = require "lunik.state"

local mounts = { name = "mounts", summary = "list the directories that a guest has of the host's" }

function mounts.args(command)
  cli.machine_arg(command)
  command:flag("--json", "as JSON")
end

local function text(value) return value and printable(state.from_json(value)) or "-" end

local function condition(one)
  return one.state .. (one.readonly and ", read-only" or "")
end

-- The columns: a title and what stands below it.
local columns = {
  { "TAG", function(one) return text(one.tag) end },
  { "STATE", condition },
  { "PORT", function(one) return one.port or "-" end },
  { "GUEST", function(one) return text(one.to) end },
  { "HOST", function(one) return text(one.from) end },
}

function mounts.run(args, out, err)
  return attached.with(args, function(vm)
    local list, why = vm:mounts()
    if not list then return nil, why, exit.problems end
    if args.json then
      out:write(core.json.encode { lunik = 1, name = vm.name, mounts = list }, "\n")
    elseif #list == 0 then
      err:write(vm.name, ": no mounts; lunik mount ", vm.name, " DIRECTORY makes one\n")
    else
      shown.table(shown.rows(columns, list), out)
    end
    return exit.ok
  end)
end

return mounts
