-- SPDX-License-Identifier: MIT
-- `lunik mount`: a directory of the host in a running guest.
local attached = require "lunik.cli.attached"
local core = require "lunik.core"
local exit = require "lunik.exit"
local host = require "lunik.host"
local name = require "lunik.device.name"
local portable = require "lunik.store.portable"
local shown = require "lunik.cli.shown"

local mount = { name = "mount", summary = "mount a directory of the host in a running guest" }

function mount.args(command)
  command:argument("machine", "a machine's name, or its recipe")
  command:argument("directory", "of the host")
  command:option("--to", "where the guest has it; default: /mnt/ and its tag"):argname "PATH"
  command:option("--tag", "what the guest mounts it by; default: from the directory's name")
  command:flag("--readonly", "the guest cannot write, whatever it is")
  command:option("--owner", "who its owner is in the guest"):argname "UID:GID"
  command:option("--port", "the port to take, as `lunik slots` names it")
  command:option("--on-death", "what follows when its daemon dies"):choices {
    "report", "stop", "remount" }
  command:flag("--no-mount", "only plug it: the guest mounts it by itself")
  command:option("--timeout", "for a guest that is booting, such as 30s")
  command:flag("--json", "as JSON")
end

-- What is done next by hand, or by itself later.
local function remaining(one)
  if one.by_hand then return one.by_hand end
  if one.later then return "the guest does not answer yet: it is mounted when it does" end
end

function mount.run(args, out, err)
  local seconds, why, code = attached.seconds(args, "timeout")
  if seconds == false then return nil, why, code end
  local path = args.directory
  if path:sub(1, 1) ~= "/" then path = require "posix.unistd".getcwd() .. "/" .. path end
  local fields = { from = host.real(path), to = args.to, tag = args.tag, owner = args.owner,
    readonly = args.readonly, port = args.port, on_death = args.on_death, seconds = seconds }
  if not args.no_mount and not fields.to then
    fields.to = "/mnt/" .. (fields.tag or name.from_path(fields.from, #fields.from))
  end
  return attached.with(args, function(vm)
    local one, reason = vm:mount(fields)
    if not one then return nil, (reason:gsub("^mount: ", "")), exit.problems end
    if args.json then
      out:write(core.json.encode { lunik = 1, name = vm.name, mount = portable.encode(one) },
        "\n")
    else
      out:write(shown.mount(one), "\n")
      local left = remaining(one)
      if left then err:write(vm.name, ": ", left, "\n") end
    end
    return exit.ok
  end)
end

return mount
