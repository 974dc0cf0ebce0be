-- SPDX-License-Identifier: MIT
-- `lunik ssh`: ssh, with all that reaches the machine.
local arguments = require "lunik.cli.arguments"
local attached = require "lunik.cli.attached"
local core = require "lunik.core"
local environment = require "lunik.process.environment"
local exit = require "lunik.exit"
local signal = require "lunik.system.signal"

local ssh = { name = "ssh", summary = "log in to a machine, or run a command there, by ssh",
              verbatim = { ["-m"] = true, ["--machine"] = true } }
ssh.example = "lunik ssh dev uptime"
ssh.more = { "lunik ssh -m dev uptime" }

local UNREACHED, FAILED = 125, 127
local LOST = 255           -- what ssh ends with of itself

function ssh.args(command, how)
  arguments.target(command, how, true)
  command:argument("command", "what to run there, options and all"):args "*"
end

-- Runs ssh in our place, with our descriptors, and hears Ctrl-C beside it: it is ssh's to obey, and
-- its status then is that of a failure.
function ssh.become(argv, left)
  local signals, closing = attached.interrupts()
  local _ <close> = closing
  local proc <close>, why = core.proc.spawn { argv = argv, path = true, env = environment(),
    fds = { [0] = 0, [1] = 1, [2] = 2 }, pdeathsig = signal.HUP }
  if not proc then return nil, why, FAILED end
  local how, status = proc:wait()
  if signals:next(0) and (how == "killed" or status == LOST) then
    return nil, "interrupted; " .. left, exit.interrupted
  end
  return how == "killed" and 128 + status or status
end

-- The arguments, where somebody can answer | nil, why. `command`: what is to be run there.
local function reach(vm, command)
  if vm.found.state == "paused" then
    return nil, ("the machine is paused: %s"):format(vm.found.paused_by
      or "lunik resume " .. vm.name)
  end
  local argv, why, code = vm:ssh_argv()
  if argv or code ~= "unsupported" then return argv, why, code end
  return nil, ("the machine has no ssh {}; by the guest's agent: lunik %s"):format(#command > 0
    and ("exec %s -- %s"):format(vm.name, core.argv.shell(command)) or "shell " .. vm.name), code
end

function ssh.run(args)
  local argv, why, code = attached.with(args, function(vm) return reach(vm, args.command) end)
  if not argv then return nil, why, code == exit.interrupted and code or UNREACHED end
  local left = #args.command > 0 and "what it ran may run on in the guest" or attached.RUNS_ON
  -- as with ssh itself, what is to be run is a line for the guest's shell
  return ssh.become(table.move(args.command, 1, #args.command, #argv + 1, argv), left)
end

return ssh
