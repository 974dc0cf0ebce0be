-- SPDX-License-Identifier: MIT
-- `lunik ls`: the machines of this user, as they are at this moment.
local clones = require "lunik.supervisor.clones"
local colour = require "lunik.cli.colour"
local core = require "lunik.core"
local exit = require "lunik.exit"
local journal = require "lunik.vm.apply.journal"
local loop = require "lunik.async.loop"
local machines = require "lunik.supervisor.machines"
local printable = require "lunik.text.printable"
local shown = require "lunik.cli.shown"

local ls = { name = "ls", summary = "list machines" }
ls.example = "lunik ls -a"
ls.more = { "lunik ls -a -n 5", "lunik ls --json" }

local LATEST = 20          -- machines that have ended: as many are shown unless told

-- "5" or "all": how many | nil, why
local function count(text)
  local number = text == "all" and math.huge or math.tointeger(text)
  if number and number >= 0 then return number end
  return nil, ("-n: a number from 0 on, or all, expected, got '%s'"):format(text)
end

function ls.args(command)
  command:flag("-a --all", "those that have ended too")
  command:option("-n --latest", ("with -a, how many of those that ended last, or all; default: "
    .. "%d, with --json all"):format(LATEST)):argname "COUNT":convert(count)
  command:flag("--json", "as JSON")
end

-- States of one that runs and cannot be asked, whose record says what it is.
local RECORDED = { unsupervised = true, foreground = true, busy = true, stuck = true }

-- A machine that cannot be asked: what its files say.
local function unasked(name, how, record)
  local before = machines.remembered(name) or {}
  local saved = how == "down" and machines.saved(name, before)
  local out = { name = name, state = how, recipe = before.recipe and printable(before.recipe),
                ended = how == "down" and before.ended or nil,
                saved = saved and printable(saved) or nil,
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

-- One machine as `lunik status --json` has it; a task of `l`. `more(vm, it)` is called for one that
-- can be asked.
function ls.look(l, name, more)
  local how, record, vm = machines.look(name, l)
  if not vm then return unasked(name, how, record) end
  if more then more(vm, vm.found) end
  vm:close()
  vm.found.lunik = nil
  return vm.found
end

local function ended_at(one) return one.ended and one.ended.at or 0 end

-- Without those that ended before the `most` that ended last: the list, and how many are left out.
local function latest(list, most)
  local ended, out = {}, core.json.array {}
  for _, one in ipairs(list) do
    if one.state == "down" then ended[#ended + 1] = one end
  end
  table.sort(ended, function(a, b)
    if ended_at(a) ~= ended_at(b) then return ended_at(a) > ended_at(b) end
    return a.name < b.name
  end)
  local too_old = {}
  for i = most + 1, #ended do too_old[ended[i]] = true end
  for _, one in ipairs(list) do
    if not too_old[one] then out[#out + 1] = one end
  end
  return out, #list - #out
end

-- The folders in its state directory from which clones of it start | nil
local function kept_for_clones(name)
  local list = core.json.array {}
  for _, path in ipairs(clones.places(name)) do
    list[#list + 1] = { path = printable(path), size = require "lunik.saved.size"(path),
                        machines = core.json.array(clones.on(path)) }
  end
  return list[1] and list
end

local function gather(l, all)
  local names, list, tasks = machines.known(), {}, {}
  for i, name in ipairs(names) do
    tasks[i] = l:spawn("look", function() list[i] = ls.look(l, name) end)
  end
  for _, task in ipairs(tasks) do
    local ok, why = task:join()
    if not ok then error(why, 0) end
  end
  local out = core.json.array {}
  for _, one in ipairs(list) do
    if all then one.forked = kept_for_clones(one.name) end
    if all or one.state ~= "down" or one.saved then out[#out + 1] = one end
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

-- Its state in a word or a few.
function ls.state(one)
  if one.state == "running" and one.ready then return "ready" end
  if one.state == "running" and one.rebooting then return "rebooting" end
  if one.paused_by then return "paused by a " .. (one.stopped and "signal" or "disk") end
  if one.state == "down" and one.saved then return "saved" end
  if one.state == "elsewhere" then return "on " .. one.host end
  return one.state
end

-- The columns: a title and what stands below it.
local columns = {
  { "NAME", function(one) return one.name end },
  { "STATE", ls.state, colour.of_state },
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

-- What paused a machine, whole, since the column has room for a word; and what it keeps for clones.
local function explain(list, out)
  for _, one in ipairs(list) do
    if one.paused_by then out:write(one.name, ": paused: ", one.paused_by, "\n") end
    for _, each in ipairs(one.forked or {}) do
      out:write(("%s: keeps %s for clones (%s): %s\n"):format(one.name, each.path,
        shown.size(each.size), each.machines[1] and table.concat(each.machines, ", ")
        .. (each.machines[2] and " stand on it" or " stands on it") or "nobody stands on it"))
    end
  end
end

local MORE = "lunik: %d more ended before; lunik ls -a -n all lists them, lunik rm --older 30d "
             .. "forgets what is older than that\n"

function ls.run(args, out, err)
  local l <close> = loop.new()
  local list, more = latest(l:run(gather, l, args.all),
                            args.latest or args.json and math.huge or LATEST)
  if args.json then
    out:write(core.json.encode { lunik = 1, machines = list, more = more > 0 and more or nil },
              "\n")
    return exit.ok
  elseif #list == 0 and more > 0 then
    err:write "lunik: no machine is running\n"
  elseif #list == 0 then
    err:write(args.all and "lunik: no machines\n"
      or "lunik: no machine is running; lunik ls -a shows those that have ended\n")
  else
    shown.table(shown.rows(columns, list), out)
    explain(list, out)
  end
  if more > 0 then
    out:flush()
    err:write(MORE:format(more))
  end
  return exit.ok
end

return ls
