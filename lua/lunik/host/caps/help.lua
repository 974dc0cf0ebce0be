-- SPDX-License-Identifier: MIT
-- What QEMU tells only in the texts that it prints for people. They are asked for beside the
-- questions of QMP: each begins at once, and is read by the function that is returned, or ended.
local probe = require "lunik.host.caps.probe"

local help = {}

-- Properties as -device X,help prints them: "  name=<type>  - description (default: value)".
function help.properties(path, argv)
  local read = probe.help(path, argv)
  return function()
    local rows, text = {}, "\n" .. read()
    for name, kind, rest in text:gmatch "\n%s+([%w_.-]+)=<([^>]+>?)>([^\n]*)" do
      rows[#rows + 1] = { name = name, type = kind, description = rest:match "^%s*%- (.-)%s*$" }
    end
    return rows
  end
end

-- The options that -help lists at the left edge: "-h or -help", "-hda/-hdb file".
local function options_of(text)
  local found, names = {}, {}
  for line in text:gmatch "\n(%-[^\n]*)" do
    local rest = line
    repeat
      local name, stop = rest:match "^ ?o?r? ?/?%-%-?(%w[%w_-]*)()"
      if name then found[name], rest = true, rest:sub(stop) end
    until not name
  end
  for name in pairs(found) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local function names_of(text)
  local names = {}
  for name in text:gmatch "\n%s*([%w-]+)%s*%f[\n]" do names[#names + 1] = name end
  return names
end

local backends = { display = { "-display", "help" }, audiodev = { "-audiodev", "help" },
  netdev = { "-netdev", "help" }, chardev = { "-chardev", "help" }, accel = { "-accel", "help" } }

-- The names of all options, and those of each kind of backend: { kind = { name, … } }.
function help.lists(path)
  local options, reads = probe.help(path, { "-help" }), {}
  for kind, argv in pairs(backends) do reads[kind] = probe.help(path, argv) end
  return function(ended)
    local found = {}
    for kind, read in pairs(reads) do
      local names = names_of(read(ended))
      if #names > 0 then found[kind] = names end
    end
    return options_of(options(ended)), found
  end
end

return help
