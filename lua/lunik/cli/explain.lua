-- SPDX-License-Identifier: MIT
-- `lunik explain`: every word of the command line, what it means, and what brought it.
local arguments = require "lunik.cli.arguments"
local colour = require "lunik.cli.colour"
local core = require "lunik.core"
local exit = require "lunik.exit"
local explain = require "lunik.plan.explain"
local origin = require "lunik.plan.origin"
local printable = require "lunik.text.printable"

-- `dashed`: a word of QEMU's may begin with a dash.
local verb = { name = "explain", dashed = { ["--why"] = true },
  summary = "say of every word of the command line what it means, and what brought it" }
verb.example = "lunik explain vm.lua"
verb.more = { "lunik explain vm.lua --why virtio --full --set memory=8G",
  "lunik explain vm.lua --diff other.lua --json" }

function verb.args(command)
  arguments.recipe(command)
  command:mutex(
    command:option("--why", "only of a word, a key or a value, or a part of one"):argname "ARG",
    command:option("--diff", "only of what another recipe has otherwise"):argname "RECIPE")
  command:flag("--full",
    "with what lunik adds to hold the machine: monitors, sandbox, paused start")
  command:flag("--json", "as JSON")
end

local function line_of(one) return printable(core.argv.shell(one.words)) end

-- What one thing in the options under a heading means is said once.
local function once(said, name, doc)
  if not name or said[name] then return nil end
  said[name] = true
  return doc
end

-- "maxmem=4G: how far it may grow (vm.lua:9: hotplug needs room for more memory)"
local function key_text(one, each, said)
  local name = each.key and each.key .. "=" .. each.value or each.value
  local parts = { once(said, each.key and one.option .. "." .. each.key, each.doc) }
  parts[#parts + 1] = each.from and ("(%s)"):format(each.from)
  return #parts > 0 and printable(("%s: %s"):format(name, table.concat(parts, " "))) or nil
end

local function print_word(one, said, out)
  out:write("  ", line_of(one), "\n")
  local doc = once(said, one.option, one.doc)
  if doc then out:write("      ", doc, "\n") end
  for _, each in ipairs(one.keys) do
    local text = key_text(one, each, said)
    if text then out:write("        ", text, "\n") end
  end
end

-- What brought it, and what that is, where its option does not say so.
local function print_heading(one, out)
  local doc = (one.origin.item or not one.option) and origin.doc(one.origin)
  out:write(colour.paint(out, printable(origin.text(one.origin)), "title"), "\n",
    doc and "    " .. doc .. "\n" or "")
end

local function print_list(list, out)
  local last, said
  for _, one in ipairs(list) do
    local text = origin.text(one.origin)
    if text ~= last then
      last, said = text, {}
      print_heading(one, out)
    end
    print_word(one, said, out)
  end
end

local function places(from)
  local list = core.json.array {}
  for i, at in ipairs(origin.places(from)) do
    list[i] = { file = printable(at.file), line = at.line }
  end
  return list
end

local function for_json(one)
  local words, keys = core.json.array {}, core.json.array {}
  for i, word in ipairs(one.words) do words[i] = printable(word) end
  for i, each in ipairs(one.keys) do
    keys[i] = { key = each.key and printable(each.key), value = printable(each.value),
      doc = each.doc, from = each.from and printable(each.from) }
  end
  return { words = words, option = one.option, doc = one.doc, keys = keys,
    origin = { sort = origin.sort(one.origin), text = printable(origin.text(one.origin)),
               doc = origin.doc(one.origin), at = places(one.origin) } }
end

local function json_list(list)
  local out = core.json.array {}
  for i, one in ipairs(list) do out[i] = for_json(one) end
  return out
end

local function explained(args, recipe, err)
  local plan, why, code = arguments.plan(setmetatable({ recipe = recipe }, { __index = args }),
                                         { anyway = true })
  if not plan then return nil, why, code end
  for _, lack in ipairs(plan.lacks) do
    err:write("lunik explain: ", require "lunik.schema.check".text(lack), "\n")
  end
  local list
  list, why = explain.of(plan, args.full)
  return list, why, exit.problems
end

local SIGNS = { was = { "- ", "bad" }, is = { "+ ", "good" } }

local function print_changes(changes, moved, out)
  for _, change in ipairs(changes) do
    for _, side in ipairs { "was", "is" } do
      local one, sign = change[side], SIGNS[side]
      if one then
        out:write(colour.paint(out, sign[1] .. line_of(one), sign[2]), "\n      ",
          printable(origin.text(one.origin)), "\n")
      end
    end
  end
  if #changes == 0 then
    out:write(moved and "the same words, in another order\n" or "no word differs\n")
  end
end

local function diff(args, first, out, err)
  local second, why, code = explained(args, args.diff, err)
  if not second then return nil, why, code end
  local changes, moved = explain.difference(first, second)
  if not args.json then
    print_changes(changes, moved, out)
    return exit.ok
  end
  local list = core.json.array {}
  for i, change in ipairs(changes) do
    list[i] = { was = change.was and for_json(change.was), is = change.is and for_json(change.is) }
  end
  out:write(core.json.encode { lunik = 1, changes = list, moved = moved }, "\n")
  return exit.ok
end

function verb.run(args, out, err)
  local list, why, code = explained(args, args.recipe, err)
  if not list then return nil, why, code end
  if args.diff then return diff(args, list, out, err) end
  if args.why then list, why = explain.find(list, args.why) end
  if not list then return nil, why end
  if args.json then
    out:write(core.json.encode { lunik = 1, words = json_list(list) }, "\n")
  else
    print_list(list, out)
  end
  return exit.ok
end

return verb
