-- SPDX-License-Identifier: MIT
-- `lunik ssh-config`: the same as a Host of ssh_config(5), for ssh, scp, rsync and editors.
local attached = require "lunik.cli.attached"
local arguments = require "lunik.cli.arguments"
local exit = require "lunik.exit"

local config = { name = "ssh-config", summary = "print how ssh reaches a machine, as its config" }
config.example = "lunik ssh-config dev"

function config.args(command) arguments.machine(command) end

-- ssh's arguments as its keywords: -p 22 and -o Key=Value, then [user@]address.
local function lines_of(name, argv)
  local lines, at = { "Host " .. name }, 2
  local function add(keyword, value) lines[#lines + 1] = ("  %s %s"):format(keyword, value) end
  while argv[at]:sub(1, 1) == "-" do
    local key, value = argv[at + 1]:match "^(%a+)=(.*)$"
    if argv[at] == "-p" then add("Port", argv[at + 1]) end
    if argv[at] == "-o" then add(key, value) end
    at = at + 2
  end
  local user, address = argv[at]:match "^(.*)@(.*)$"
  if user then add("User", user) end
  add("HostName", address or argv[at])
  return lines
end

function config.run(args, out)
  return attached.with(args, function(vm)
    local argv, why = vm:ssh_argv()
    if not argv then return nil, why end
    out:write(table.concat(lines_of(vm.name, argv), "\n"), "\n")
    return exit.ok
  end)
end

return config
