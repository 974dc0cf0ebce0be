-- SPDX-License-Identifier: MIT
-- `lunik wait`: until a machine is ready, or has ended. Its exit code says how it ended.
local attached = require "lunik.cli.attached"
local arguments = require "lunik.cli.arguments"
local core = require "lunik.core"
local exit = require "lunik.exit"
local loop = require "lunik.async.loop"
local outcome = require "lunik.vm.outcome"

local verb = { name = "wait", summary = "wait until machines are ready, or machines or jobs have "
  .. "ended" }
verb.example = "lunik wait dev --for ready --timeout 60"
verb.more = { "lunik wait dev --json" }

function verb.args(command)
  arguments.machines(command)
  command:option("--for", "ready or end"):choices { "ready", "end" }:default "end"
  command:option("--timeout", "how long at most, such as 30s or 2m")
  command:flag("--json", "as JSON")
end

local function print(args, out, object)
  object.lunik = 1
  if args.json then out:write(core.json.encode(object), "\n") end
end

local waits = {}

-- Which kind of end it is that the machine is not ready, as its supervisor says.
local function unready(vm, code)
  local now = code ~= "timeout" and vm:status()
  local kind = type(now) == "table" and now.unready
  return outcome.kinds[kind] and kind or "deadline"
end

function waits.ready(vm, args, out)
  local ok, why, code = vm:wait(args.seconds, "ready")
  local kind = not ok and unready(vm, code) or nil
  print(args, out, { name = vm.name, ready = ok or false, why = why, kind = kind })
  if ok then return exit.ok end
  return nil, ("machine '%s': %s"):format(vm.name, why), outcome.kinds[kind].code
end

waits["end"] = function(vm, args, out)
  local how, why, word = vm:wait(args.seconds)
  if not how then
    local late = word == "timeout"
    print(args, out, { name = vm.name, ended = core.json.null, why = late and "timed out" or why })
    return nil, ("machine '%s': %s"):format(vm.name, why), late and exit.deadline or exit.crashed
  end
  print(args, out, { name = vm.name, ended = how })
  if args.json or how.code == exit.ok then return how.code end
  return nil, how.text, how.code
end

local function describe(one)
  local code = one.code and one.state ~= "done" and (" (%d)"):format(one.code) or ""
  return ("%s: %s%s%s"):format(one.job, one.state, code, one.text and ": " .. one.text or "")
end

-- The jobs that did not end well, a line each.
local function told(list)
  local lines = {}
  for _, one in ipairs(list) do
    if one.state ~= "done" then lines[#lines + 1] = describe(one) end
  end
  return table.concat(lines, "\n")
end

-- Until jobs are over, by their records: the worst exit code.
local function wait_for_jobs(l, args, out)
  local find, state = require "lunik.fleet.find", require "lunik.fleet.state"
  local wanted = {}
  for i, text in ipairs(args.machine) do
    local found, number = find.of(text)
    if not found then return nil, number, exit.problems end
    wanted[i] = { found = found, number = number }
  end
  local list, over = require "lunik.fleet.await"(l, wanted, args.seconds)
  if not list then return nil, over, exit.problems end
  local counts, worst = state.sum(list)
  local code = over and worst or exit.deadline
  print(args, out, { over = over, code = code, jobs = counts })
  if args.json or code == exit.ok then return code end
  return nil, (over and "" or "not over in time\n") .. told(list), code
end

-- Whether the arguments name jobs | nil, why, where only some do
local function are_jobs(args)
  local find, count = require "lunik.fleet.find", 0
  for _, text in ipairs(args.machine) do
    if find.is_job(text) then count = count + 1 end
  end
  if count == 0 or count == #args.machine then return count > 0 end
  return nil, "jobs and machines are waited for each by themselves"
end

function verb.run(args, out, err)
  local why, code
  args.seconds, why, code = attached.seconds(args, "timeout")
  if args.seconds == false then return nil, why, code end
  local jobs
  jobs, why = are_jobs(args)
  if jobs == nil then return nil, why, exit.usage end
  if jobs then
    local l <close> = loop.new()
    return l:run(attached.until_interrupted, l, "the jobs run on", wait_for_jobs, l, args, out)
  end
  return attached.each(args, function(vm)
    attached.hear(vm, err, "paused")
    return waits[args["for"]](vm, args, out)
  end)
end

return verb
