-- SPDX-License-Identifier: MIT
-- `lunik forward`: lists, adds and removes the host's ports that lead into a running guest.
local arguments = require "lunik.cli.arguments"
local attached = require "lunik.cli.attached"
local core = require "lunik.core"
local exit = require "lunik.exit"
local shown = require "lunik.cli.shown"

local forward = { name = "forward", summary = "list, add or remove ports that lead into a guest" }
forward.example = "lunik forward dev add 8080:80"
forward.more = { "lunik forward -m dev add 5353:53 --udp --name dns", "lunik forward dev --json" }
forward.hints = { ["argument 'action' must be"] =
  "the machine comes first: lunik forward dev add 8080:80" }

function forward.args(command, how)
  arguments.target(command, how)
  command:argument("action", "list, add or remove"):choices { "list", "add", "remove" }
    :args "?"
  command:argument("what", "add: [[ADDRESS:]PORT:]GUEST-PORT; remove: the forward's name"):args "?"
  command:option("--name", "what to call it; default: the guest's port")
  command:flag("--udp", "UDP in place of TCP")
  command:flag("--json", "as JSON")
end

-- "80", "8080:80", "0.0.0.0:8080:80" | nil, why
local function parse(text)
  local words = {}
  for word in ((text or "") .. ":"):gmatch "([^:]*):" do words[#words + 1] = word end
  local guest, port = words[#words], words[#words - 1]
  if #words > 3 or not guest:find "^%d+$" or port and not port:find "^%d*$" then
    return nil, ("add: [[ADDRESS:]PORT:]GUEST-PORT expected, got '%s'"):format(text or "")
  end
  return { guest = math.tointeger(guest), port = port and math.tointeger(port) or 0,
           address = #words == 3 and words[1] or nil }
end

local actions = {}

function actions.list(vm)
  local list, why = vm:forwards()
  return list, why
end

function actions.add(vm, args)
  local asked, why = parse(args.what)
  if not asked then return nil, why, exit.usage end
  asked.name, asked.protocol = args.name, args.udp and "udp" or nil
  local added
  added, why = vm:add_forward(asked)
  return added and { added }, why
end

function actions.remove(vm, args)
  if not args.what then return nil, "remove: a forward's name expected", exit.usage end
  local ok, why = vm:remove_forward(args.what)
  return ok and {}, why
end

function forward.run(args, out)
  return attached.with(args, function(vm)
    local list, why, code = actions[args.action or "list"](vm, args)
    if not list then return nil, why, code end
    if args.json then
      out:write(core.json.encode { lunik = 1, name = vm.name,
                                   forwards = core.json.array(list) }, "\n")
    else
      for _, one in ipairs(list) do out:write(shown.forward(one), "\n") end
    end
    return exit.ok
  end)
end

return forward
