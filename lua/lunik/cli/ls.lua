-- SPDX-License-Identifier: MIT
-- `lunik ls`: the machines of this user, as they are at this moment.
local core = require "lunik.core"
local exit = require "lunik.exit"
local journal = require "lunik.vm.apply.journal"
local loop = require "lunik.async.loop"
local machines = require "lunik.supervisor.machines"
local printable = require "lunik.text.printable"
local shown = require "lunik.cli.shown"

local ls = { name = "ls", summary = "list machines" }

function ls.args(command)
  command:flag("-a --all", "those that have ended too")
  command:flag("--json", "as JSON")
end

-- States of one that runs and cannot be asked, whose record says what it is.
local RECORDED = { unsupervised = true, foreground = true, busy = true, stuck = true }

-- A machine that cannot be asked: what its files say.
local function unasked(name, how, record)
  local before = machines.remembered(name) or {}
  local out = { name = name, state = how, recipe = before.recipe and printable(before.recipe),
                ended = how == "down" and before.ended or nil,
                step = how == "starting" and record and record.step or nil,
                host = how == "elsewhere" and printable(record.hostname) or nil }
  if RECORDED[how] and record then
    out.began, out.uptime = record.began, record.began and os.time() - record.began
    out.qemu = record.qemu
    out.forwards = record.forwards
    out.applied = journal.shown { plan = { runtime = machines.runtime(name) },
                                  tell = function() end }
  end
  return out
end

-- One machine as `lunik status --json` has it; a task of `l`.
function ls.look(l, name)
  local how, record, vm = machines.look(name, l)
  if not vm then return unasked(name, how, record) end
  vm:close()
  vm.found.lunik = nil
  return vm.found
end

local function gather(l, all)
  local names, list, tasks = all and machines.known() or machines.present(), {}, {}
  for i, name in ipairs(names) do
    tasks[i] = l:spawn("look", function() list[i] = ls.look(l, name) end)
  end
  for _, task in ipairs(tasks) do
    local ok, why = task:join()
    if not ok then error(why, 0) end
  end
  local out = core.json.array {}
  for _, one in ipairs(list) do
    if all or one.state ~= "down" then out[#out + 1] = one end
  end
  return out
end

local function forwards(one)
  local words = {}
  for i, forward in ipairs(one.forwards or {}) do
    words[i] = ("%s:%d->%d"):format(forward.name, forward.port, forward.guest)
  end
  return #words > 0 and table.concat(words, ",") or "-"
end

local function state(one)
  if one.state == "running" and one.ready then return "ready" end
  if one.state == "running" and one.rebooting then return "rebooting" end
  if one.paused_by then return "paused by a " .. (one.stopped and "signal" or "disk") end
  if one.state == "elsewhere" then return "on " .. one.host end
  return one.state
end

-- The columns: a title and what stands below it.
local columns = {
  { "NAME", function(one) return one.name end },
  { "STATE", state },
  { "UPTIME", function(one) return one.uptime and shown.span(one.uptime) or "-" end },
  { "MEMORY", function(one)
    if not one.memory then return "-" end
    return ("%s/%s"):format(shown.size(one.memory.resident), shown.size(one.memory.configured))
  end },
  { "FORWARDS", forwards },
  { "RECIPE", function(one)
    return (one.recipe or "-") .. (one.changed and " (changed since start)" or "")
  end },
}

function ls.run(args, out, err)
  local l <close> = loop.new()
  local list = l:run(gather, l, args.all)
  if args.json then
    out:write(core.json.encode { lunik = 1, machines = list }, "\n")
  elseif #list == 0 then
    err:write(args.all and "lunik: no machines\n"
      or "lunik: no machine is running; lunik ls -a shows those that have ended\n")
  else
    shown.table(shown.rows(columns, list), out)
  end
  return exit.ok
end

return ls
