-- SPDX-License-Identifier: MIT
-- `lunik claim`: takes a clone of a pool that stands ready, for a program in it or for whoever
-- calls it by its name from now on.
local attached = require "lunik.cli.attached"
local core = require "lunik.core"
local exit = require "lunik.exit"
local loop = require "lunik.async.loop"
local pools = require "lunik.supervisor.pool"
local shown = require "lunik.cli.shown"
local stdio = require "lunik.cli.stdio"

local claim = { name = "claim", summary = "take a clone of a pool that stands ready",
                program = true }
claim.example = "lunik claim dev -- make test"
claim.more = { "lunik claim dev --no-wait --json", "lunik claim dev --timeout 30s -- make test" }

local ENDING = 10          -- seconds for a clone that is thrown away

function claim.args(command)
  command:argument("pool", "the pool; left out: the only one"):args "?"
  command:flag("--no-wait", "fail where none stands ready")
  command:option("--timeout", "how long to wait for one, such as 30s or 2m; default: for ever")
  command:flag("--json", "the clone's status as JSON")
  command:epilog("-- PROGRAM …: run a program in the clone with this terminal's input and output, "
    .. "then throw the clone away; its exit status is this one's, 125 that of a failure of "
    .. "lunik's. Without one the clone's name is printed, and it runs until lunik down.")
end

-- A clone, held | nil, why, exit code
local function take(l, args, keep)
  local name, why = pools.name(args.pool)
  if not name then return nil, why, exit.problems end
  local wait = true
  if args.no_wait then wait = false elseif args.seconds then wait = args.seconds end
  local vm, problem, code = pools.claim(l, name, { wait = wait, keep = keep })
  if vm then return vm end
  return nil, problem, code == "timeout" and exit.deadline or exit.problems
end

local function kept(l, args, out, err)
  local vm <close>, why, code = take(l, args, true)
  if not vm then return nil, why, code end
  local ok
  ok, why = pools.keep(vm)
  if not ok then return nil, ("%s: %s"):format(vm.name, why), exit.problems end
  if args.json then
    out:write(core.json.encode { lunik = 1, name = vm.name, status = vm.found }, "\n")
    return exit.ok
  end
  out:write(vm.name, "\n")
  for _, forward in ipairs(vm.found.forwards) do
    err:write(vm.name, ": ", shown.forward(forward), "\n")
  end
  return exit.ok
end

-- Runs the program, and throws the clone away.
local function used(l, args, out, err)
  local vm <close>, why = take(l, args)
  if not vm then return nil, why, stdio.FAILED end
  attached.hear(vm, err)
  local result, problem, code = stdio.run(vm, l, args.program, { input = true, out = out,
                                                                 err = err })
  if vm:stop("lunik claim has ended", "quit") then vm:wait(ENDING) end
  return stdio.finish(result, problem, code, { verb = "lunik claim", name = vm.name, err = err,
    flush = function() return out:flush() end })
end

function claim.run(args, out, err)
  local why, code
  args.seconds, why, code = attached.seconds(args, "timeout")
  if args.seconds == false then return nil, why, code end
  local l <close> = loop.new()
  return l:run(attached.until_interrupted, l, "a clone that was claimed is thrown away",
               args.program and used or kept, l, args, out, err)
end

return claim
