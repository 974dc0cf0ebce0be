-- SPDX-License-Identifier: MIT
-- `lunik provision`: does in a running machine's guest what its recipe provisions.
local arguments = require "lunik.cli.arguments"
local attached = require "lunik.cli.attached"
local core = require "lunik.core"
local exit = require "lunik.exit"
local printable = require "lunik.text.printable"

local provision = { name = "provision", summary = "do in the guest what the recipe provisions" }
provision.example = "lunik provision dev"
provision.more = { "lunik provision dev --again --json" }

function provision.args(command)
  arguments.machine(command)
  command:flag("--again", "all of it, not only what has not been done on this disk")
  command:flag("--json", "the result as JSON; progress goes to standard error")
end

-- What is done is shown as it goes.
local function follow(vm, err)
  vm:on("LUNIK_PROGRESS", function(_, event)
    local data = event.data or {}
    if data.kind == "provision" then
      err:write(vm.name, ": ", printable(tostring(data.text), "\n\t"), "\n")
      err:flush()
    end
  end)
end

function provision.run(args, out, err)
  return attached.with(args, function(vm)
    attached.hear(vm, err, "paused")
    follow(vm, err)
    local count, why = vm:provision { again = args.again }
    if not count then return nil, why, exit.provision end
    if args.json then
      out:write(core.json.encode { lunik = 1, name = vm.name, steps = count }, "\n")
    else
      err:write(("%s: %s\n"):format(vm.name, count == 0 and "nothing to do"
        or ("provisioned, %d step%s"):format(count, count == 1 and "" or "s")))
    end
    return exit.ok
  end, attached.FINISHES)
end

return provision
