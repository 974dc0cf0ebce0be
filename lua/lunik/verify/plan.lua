-- SPDX-License-Identifier: MIT
-- A plan's command line, families and qemu.* alike, held against its QEMU, with the lines and
-- fields that its options come from.
local check = require "lunik.schema.check"
local data = require "lunik.plan.data"
local place = require "lunik.plan.place"
local verify = require "lunik.verify"

-- The words, and what is asked of the place of each entry by the index of its first word.
local function line_of(plan, machine)
  local argv, places = { plan.binary }, {}
  local origins = plan.origins[plan.argv]
  for i, entry in ipairs(plan.argv) do
    local words = type(entry) == "string" and { entry } or data.words(entry)
    if not words then return nil end
    if type(entry) == "string" then places[#argv + 1] = place.of_word(origins[i])
    elseif entry.row then places[#argv + 1] = place.of(entry, machine) end
    for _, word in ipairs(words) do argv[#argv + 1] = word end
  end
  return argv, places
end

local function begins(text, with) return text:sub(1, #with) == with end

-- Whether one of a list is about the same place already, or about a field of it; or says the same
-- of where the option begins.
local function said(list, at, path, why, first)
  local where, whole = check.place(at), check.place(first)
  for _, one in ipairs(list) do
    local other, place_of = one.path or "", check.place(one.at)
    if place_of == where and (begins(other, path) or begins(path, other))
      or place_of == whole and other == path and one.why == why then
      return true
    end
  end
end

local function add(list, known, problem, places, machine)
  local of = places[problem.at]
  local at, path = machine.at, problem.field
  if of then at, path = of(not problem.entry.from and problem.key or nil) end
  if said(known, at, path or "", problem.why, of and of() or at) then return end
  check.add(list, at, path, problem.why, "host")
  local added = list[#list]
  added.code, added.severity, added.suggestion = problem.code, problem.severity, problem.suggestion
end

-- The problems and the warnings of a plan, each as those of lunik.schema.check with `code`, but for
-- what `known` tells already. read(path): as lunik.verify has it.
return function(plan, machine, caps, known, read)
  local problems, warnings = {}, {}
  local argv, places = line_of(plan, machine)
  for _, problem in ipairs(argv and verify(argv, { known = caps, read = read }) or {}) do
    add(problem.severity == "warning" and warnings or problems, known, problem, places, machine)
  end
  check.sort(problems)
  check.sort(warnings)
  return problems, warnings
end
