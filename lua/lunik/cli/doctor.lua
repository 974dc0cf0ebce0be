-- SPDX-License-Identifier: MIT
-- `lunik doctor`: what this host can and cannot do for machines, and what mends it.
local colour = require "lunik.cli.colour"
local core = require "lunik.core"
local doctor = require "lunik.doctor"
local exit = require "lunik.exit"
local printable = require "lunik.text.printable"
local suggest = require "lunik.text.suggest"

local verb = { name = "doctor", summary = "say what this host can and cannot do for machines" }
verb.example = "lunik doctor"
verb.more = { "lunik doctor --json" }

function verb.args(command)
  command:argument("check", "some of the checks alone, by name"):args "*"
  command:flag("--json", "as JSON")
end

local SHADES = { ok = "good", warn = "poor", fail = "bad" }

-- The checks that are named, or all | nil, why
local function wanted(names)
  local all, by_name, known = doctor.checks(), {}, {}
  for i, check in ipairs(all) do by_name[check.name], known[i] = check, check.name end
  if #names == 0 then return all end
  local list = {}
  for i, name in ipairs(names) do
    list[i] = by_name[name]
    if not list[i] then
      return nil, ("no check '%s'%s"):format(name, suggest.hint_or_all(name, known, 40))
    end
  end
  return list
end

function verb.text(list, out)
  for _, one in ipairs(list) do
    local shade = colour.paint(out, one.verdict, SHADES[one.verdict])
    out:write(shade, (" "):rep(6 - #one.verdict), ("%-11s "):format(printable(one.check)),
      printable(one.text), "\n")
    if one.mend then out:write((" "):rep(18), "mend: ", printable(one.mend), "\n") end
  end
end

function verb.json(list, well)
  local findings = core.json.array {}
  for i, one in ipairs(list) do
    findings[i] = { check = one.check, verdict = one.verdict, text = printable(one.text),
                    mend = one.mend and printable(one.mend) }
  end
  return core.json.encode { lunik = 1, ok = well, findings = findings }
end

function verb.run(args, out)
  local checks, why = wanted(args.check)
  if not checks then return nil, why, exit.usage end
  local list, well = doctor.look(checks)
  if args.json then
    out:write(verb.json(list, well), "\n")
  else
    verb.text(list, out)
  end
  return well and exit.ok or exit.problems
end

return verb
