-- SPDX-License-Identifier: MIT
-- Parts of the verbs about one running machine: a machine's argument, a duration's, and a task
-- in which the machine is spoken to.
local arguments = require "lunik.cli.arguments"
local core = require "lunik.core"
local exit = require "lunik.exit"
local kind = require "lunik.schema.kind"
local loop = require "lunik.async.loop"
local portable = require "lunik.store.portable"
local shown = require "lunik.cli.shown"

local attached = {}

-- Calls work(vm, loop) with the machine that the arguments name; its results.
function attached.with(args, work)
  local l <close> = loop.new()
  return l:run(function()
    local vm <close>, why, code = arguments.attach(args, l)
    if not vm then return nil, why, code end
    return work(vm, l)
  end)
end

-- "90s" or "2m" of an option: seconds or nil where it was not given | false, why, usage
function attached.seconds(args, name)
  local text = args[name]
  if not text then return nil end
  local seconds, why = kind.duration.read(tonumber(text) or text)
  if seconds then return seconds end
  return false, ("--%s: %s"):format(name, why), exit.usage
end

-- A verb that takes something away from a running machine: { name, summary, what = the argument's
-- name and doc, force = the flag's doc }
function attached.removal(row)
  local verb = { name = row.name, summary = row.summary }
  function verb.args(command)
    command:argument("machine", "a machine's name, or its recipe")
    command:argument(row.what[1], row.what[2])
    command:flag("--force", row.force)
    command:option("--timeout", "for the guest to let go of it; default: 15s")
  end
  function verb.run(args)
    local seconds, why, code = attached.seconds(args, "timeout")
    if seconds == false then return nil, why, code end
    return attached.with(args, function(vm)
      local ok, reason = vm[row.name](vm, args[row.what[1]], { force = args.force,
                                                               seconds = seconds })
      if not ok then return nil, reason, exit.problems end
      return exit.ok
    end)
  end
  return verb
end

-- A verb that lists what a running machine has: { name (the handle's method, and the member of the
-- JSON), summary, columns (lunik.cli.shown), none(name) = what is said of an empty list }
function attached.listing(row)
  local verb = { name = row.name, summary = row.summary }
  function verb.args(command)
    arguments.machine(command)
    command:flag("--json", "as JSON")
  end
  function verb.run(args, out, err)
    return attached.with(args, function(vm)
      local list, why = vm[row.name](vm)
      if not list then return nil, why, exit.problems end
      if args.json then
        local object = { lunik = 1, name = vm.name, [row.name] = portable.encode(list) }
        out:write(core.json.encode(object), "\n")
      elseif #list == 0 then
        err:write(vm.name, ": ", row.none(vm.name), "\n")
      else
        shown.table(shown.rows(row.columns, list), out)
      end
      return exit.ok
    end)
  end
  return verb
end

return attached
