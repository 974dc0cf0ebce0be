-- SPDX-License-Identifier: MIT
-- A command line against this host, by the looks that plans get (lunik.machine.look).
-- An option as a look takes it: what is found of it is about its number.
local function entry_of(entry, number)
  return { row = entry.row, args = entry.args, place = function(key)
    return { { file = "command line", line = number } }, type(key) == "string" and key or nil
  end }
end

-- What the command line alone tells already, with the same code or as something else.
local told = { ["image-twice"] = "already-used" }

return function(line, report)
  local list, found = {}, {}
  for i, entry in ipairs(line) do
    local is_flag = entry.row and entry.row.grammar == "flag"
    if entry.args and entry.row and (entry.text or is_flag) then
      list[#list + 1] = entry_of(entry, i)
    end
  end
  require "lunik.machine.look".entries(list, { host = line.host, dir = line.dir, arch = line.arch,
    program = line.path }, found)
  for _, problem in ipairs(found) do
    local entry = line[problem.at[1].line]
    if not report:has(entry, told[problem.code] or problem.code) then
      report:add(entry, problem.path, problem.code, problem.why, problem.severity,
        problem.suggestion)
    end
  end
end
