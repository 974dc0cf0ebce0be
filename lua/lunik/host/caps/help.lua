-- SPDX-License-Identifier: MIT
-- What QEMU tells only in the texts that it prints for people.
local probe = require "lunik.host.caps.probe"

local help = {}

-- Properties as -device X,help prints them: "  name=<type>  - description (default: value)".
function help.properties(path, argv)
  local rows, text = {}, "\n" .. probe.help(path, argv)
  for name, kind, rest in text:gmatch "\n%s+([%w_.-]+)=<([^>]+>?)>([^\n]*)" do
    rows[#rows + 1] = { name = name, type = kind, description = rest:match "^%s*%- (.-)%s*$" }
  end
  return rows
end

-- The options that -help lists at the left edge: "-h or -help", "-hda/-hdb file".
function help.options(path)
  local found = {}
  for line in probe.help(path, { "-help" }):gmatch "\n(%-[^\n]*)" do
    local rest = line
    repeat
      local name, stop = rest:match "^ ?o?r? ?/?%-%-?(%w[%w_-]*)()"
      if name then found[name], rest = true, rest:sub(stop) end
    until not name
  end
  local names = {}
  for name in pairs(found) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local backends = { display = { "-display", "help" }, audiodev = { "-audiodev", "help" },
  netdev = { "-netdev", "help" }, chardev = { "-chardev", "help" }, accel = { "-accel", "help" } }

-- The names that each kind of backend lists: { kind = { name, … } }.
function help.backends(path)
  local out = {}
  for kind, argv in pairs(backends) do
    local names = {}
    for name in probe.help(path, argv):gmatch "\n%s*([%w-]+)%s*%f[\n]" do
      names[#names + 1] = name
    end
    if #names > 0 then out[kind] = names end
  end
  return out
end

return help
