-- SPDX-License-Identifier: MIT
-- `lunik ssh`: becomes ssh, with all that reaches the machine.
local attached = require "lunik.cli.attached"
local unistd = require "posix.unistd"

local ssh = { name = "ssh", summary = "log in to a machine, or run a command there, by ssh",
              verbatim = {} }

local UNREACHED, FAILED = 125, 127

function ssh.args(command)
  command:argument("machine", "a machine's name, or its recipe")
  command:argument("command", "what to run there, options and all"):args "*"
end

-- What ssh runs with: the program and its arguments.
local function become(argv)
  argv[0] = table.remove(argv, 1)
  local _, why = unistd.execp(argv[0], argv)
  return nil, "exec " .. why, FAILED
end

-- The arguments, where somebody can answer | nil, why
local function reach(vm)
  if vm.found.state == "paused" then
    return nil, ("the machine is paused: %s"):format(vm.found.paused_by
      or "lunik resume " .. vm.name)
  end
  return vm:ssh_argv()
end

function ssh.run(args)
  local argv, why = attached.with(args, reach)
  if not argv then return nil, why, UNREACHED end
  -- as with ssh itself, what is to be run is a line for the guest's shell
  return become(table.move(args.command, 1, #args.command, #argv + 1, argv))
end

return ssh
