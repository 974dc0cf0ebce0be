-- SPDX-License-Identifier: MIT
-- `lunik pools`: the pools of this user, and how many of their clones stand ready.
local core = require "lunik.core"
local exit = require "lunik.exit"
local loop = require "lunik.async.loop"
local pools = require "lunik.supervisor.pool"
local printable = require "lunik.text.printable"
local shown = require "lunik.cli.shown"

local verb = { name = "pools", summary = "list pools of clones that stand ready" }
verb.example = "lunik pools"
verb.more = { "lunik pools --json" }

function verb.args(command)
  command:flag("--json", "as JSON")
end

local function number(state)
  return function(one)
    local count = 0
    for _, each in ipairs(one.clones) do count = count + (each.state == state and 1 or 0) end
    return tostring(count)
  end
end

local columns = {
  { "POOL", function(one) return one.name end },
  { "READY", function(one)
    return one.gone and "gone" or ("%s/%d"):format(number "ready"(one), one.warm)
  end, function(word) return word == "gone" and "bad" or nil end },
  { "CLAIMED", number "claimed" },
  { "MAX", function(one) return one.most and tostring(one.most) or "-" end },
  { "WAITING", function(one) return one.waiting and tostring(one.waiting) or "-" end },
  { "MEMORY", function(one)
    if not one.memory then return "-" end
    return ("%s/%s"):format(shown.size(one.memory), shown.size(one.budget))
  end },
  { "FROM", function(one) return one.from and printable(one.from) or "-" end },
}

-- What is to be known of one beside its row: a line | nil
local function remark(one)
  if one.gone then
    return ("%s: its process is gone: lunik pool FOLDER --name %s goes on with it, lunik pool "
      .. "--stop %s forgets it"):format(one.name, one.name, one.name)
  end
  local why = one.problem or one.held_back
  return why and ("%s: %s"):format(one.name, printable(why))
end

local function gather(l)
  local list, failed = core.json.array {}, {}
  for _, name in ipairs(pools.names()) do
    local one, why = pools.look(l, name)
    if one then list[#list + 1] = one else failed[#failed + 1] = why end
  end
  return list, failed
end

function verb.run(args, out, err)
  local l <close> = loop.new()
  local list, failed = l:run(gather, l)
  if args.json then
    out:write(core.json.encode { lunik = 1, pools = list }, "\n")
  elseif #list > 0 then
    shown.table(shown.rows(columns, list), out)
    for _, one in ipairs(list) do
      local line = remark(one)
      if line then out:write(line, "\n") end
    end
  elseif #failed == 0 then
    err:write "there is no pool: lunik pool FOLDER makes one\n"
  end
  if #failed == 0 then return exit.ok end
  return nil, table.concat(failed, "\n"), exit.problems
end

return verb
