-- SPDX-License-Identifier: MIT
-- `lunik templates`: what recipes with template { … } have prepared, and which machines stand on
-- it.
local core = require "lunik.core"
local exit = require "lunik.exit"
local holder = require "lunik.supervisor.holder"
local portable = require "lunik.store.portable"
local printable = require "lunik.text.printable"
local shown = require "lunik.cli.shown"
local size_of = require "lunik.saved.size"
local sorted = require "lunik.text.sorted"
local store = require "lunik.supervisor.templates"

local templates = { name = "templates", summary = "list the templates that recipes have prepared" }
templates.example = "lunik templates"
templates.more = { "lunik templates --json" }

function templates.args(command)
  command:flag("--json", "as JSON")
end

local columns = {
  { "NAME", function(one) return one.name end },
  { "AGE", function(one) return shown.span(one.age) end },
  { "UNUSED", function(one) return one.machines[1] and "-" or shown.span(one.unused) end },
  { "KEEP", function(one) return shown.span(one.keep) end },
  { "SIZE", function(one) return shown.size(one.size) end },
  { "HELD", function(one) return one.held and shown.size(one.held.bytes) or "-" end },
  { "MACHINES", function(one)
    return one.machines[1] and table.concat(one.machines, ",") or "-"
  end },
  { "RECIPE", function(one) return one.recipe end },
}

-- Who keeps which memory, by the folder.
local function held()
  local out = {}
  for _, one in ipairs(holder.all()) do out[one.folder] = one end
  return out
end

local function rows(keepers)
  local list, standing, now = core.json.array {}, store.standing(), os.time()
  for i, one in ipairs(store.all()) do
    local folder = store.folder(one.name)
    local by = keepers[folder]
    list[i] = { name = one.name, recipe = portable.text(one.recipe), keep = one.keep,
                age = math.max(0, now - one.made), unused = math.max(0, now - one.used),
                folder = portable.text(folder), size = size_of(folder),
                held = by and { bytes = by.bytes, pid = by.pid, left = by.left } or nil,
                machines = core.json.array(standing[folder] or {}) }
    keepers[folder] = nil
  end
  return list
end

-- Those that keep the memory of a machine that somebody has saved.
local function others(keepers)
  local list = core.json.array {}
  for _, folder in ipairs(sorted(keepers)) do
    local by = keepers[folder]
    list[#list + 1] = { folder = portable.text(folder), bytes = by.bytes, pid = by.pid,
                        left = by.left }
  end
  return list
end

local OTHER = "%s: the memory of this saved machine is held for forks: %s, for %s (pid %d)\n"

local NONE = "lunik: no templates: a recipe with template { … } has one, made at its first start\n"

function templates.run(args, out, err)
  local keepers = held()
  local list = rows(keepers)
  local rest = others(keepers)
  if args.json then
    out:write(core.json.encode { lunik = 1, templates = list, held = rest }, "\n")
    return exit.ok
  end
  if #list > 0 then shown.table(shown.rows(columns, list), out) end
  for _, one in ipairs(rest) do
    out:write(OTHER:format(printable(portable.bytes(one.folder)), shown.size(one.bytes),
                           shown.span(one.left), one.pid))
  end
  if #list + #rest == 0 then err:write(NONE) end
  return exit.ok
end

return templates
