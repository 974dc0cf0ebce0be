-- SPDX-License-Identifier: MIT
-- `lunik events`: the last events of a machine, and, with -f, those that come.
local attached = require "lunik.cli.attached"
local arguments = require "lunik.cli.arguments"
local core = require "lunik.core"
local exit = require "lunik.exit"

local events = { name = "events", summary = "show the events of a machine, QEMU's and lunik's" }
events.example = "lunik events dev -f"
events.more = { "lunik events dev -f -e SHUTDOWN --json" }

function events.args(command)
  arguments.machine(command)
  command:flag("-f --follow", "go on until the machine ends")
  command:option("-e --event", "this event only; may be repeated"):count "*"
  command:flag("--json", "an object a line, as QEMU sends it")
end

local function time(event)
  local stamp = event.timestamp
  return os.date("%H:%M:%S", stamp.seconds) .. (".%03d"):format(stamp.microseconds // 1000)
end

local function printer(args, out)
  local wanted
  for _, name in ipairs(args.event) do
    wanted = wanted or {}
    wanted[name] = true
  end
  return function(event)
    if wanted and not wanted[event.event] then return end
    if args.json then
      out:write(core.json.encode { lunik = 1, event = event.event, data = event.data,
                                   timestamp = event.timestamp }, "\n")
    else
      local data = event.data and next(event.data) and " " .. core.json.encode(event.data) or ""
      out:write(time(event), " ", event.event, data, "\n")
    end
    out:flush()
  end
end

function events.run(args, out)
  local print = printer(args, out)
  return attached.with(args, function(vm)
    -- those that come while the earlier ones are asked for are among them
    local asked, early = false, {}
    vm:on("event", function(_, event)
      if asked then print(event) else early[#early + 1] = event end
    end)
    local list, why = vm:events()
    if not list then return nil, why end
    for _, event in ipairs(list) do print(event) end
    asked = true
    if not args.follow then return exit.ok end
    vm:wait()
    return exit.ok
  end)
end

return events
