-- SPDX-License-Identifier: MIT
-- QEMU's options: a row each, grouped as QEMU's manual groups them. From the rows come the
-- constructors, checks (qemu.check), command lines (qemu.write) and their inverse
-- (qemu.read), help and docs. The quoting itself is the C core's. A row, whose first value is also
-- its `name` once it is loaded:
--   { name, doc, grammar, implied = key of a first value without "=", kind = of a lone
--     value, keys = { { name, kind, doc, since, removed, deprecated, required, repeats,
--     secret = nobody else may see it } },
--     by = { form = further keys }, open = further keys are the binary's to know,
--     deep = kinds of such keys by their last part (qemu.paths),
--     order = keys that come first, once | merges, defines = name space of its id,
--     json, underscores, since, removed, deprecated, only, examples, source }
local extensions = require "lunik.extensions"
local index = require "lunik.qemu.index"

local qemu = {}

local homes = {}
for _, each in ipairs(index) do homes[each[1]] = each end

local function find(name, rows)
  if rows[1] == name then return rows end
  for _, row in ipairs(rows) do
    if row[1] == name then return row end
  end
end

-- An option that an extension knows, which a newer QEMU or a build of one's own may have | nil
local function extended(name)
  name = name:gsub("_", "-")
  local row = extensions.row("options", name)
  if not row then return nil end
  row[1], row.name, row.group = name, name, "extension"
  return row
end

extensions.own("options", function(name) return homes[name] ~= nil end)

-- Rows by name, each loaded when it is first asked for.
qemu.rows = setmetatable({}, { __index = function(rows, name)
  if type(name) ~= "string" then return nil end
  local home = homes[name] or homes[name:gsub("_", "-")]
  if not home then return extended(name) end
  local row = find(home[1], require("lunik.qemu." .. home[3]))
  row.name, row.group = row[1], home[2]
  rows[name] = row
  return row
end })

-- All rows, in the manual's order.
function qemu.list()
  local list = {}
  for i, each in ipairs(index) do list[i] = qemu.rows[each[1]] end
  return list
end

function qemu.names()
  local names = {}
  for i, each in ipairs(index) do names[i] = each[1] end
  for _, name in ipairs(extensions.names "options") do names[#names + 1] = name end
  table.sort(names)
  return names
end

-- A descriptor handed over by lunik: `paste` are the pairs a shell would need in its
-- place, `live` those that QEMU gets, where "%d" becomes the number.
function qemu.descriptor(name, paste, live)
  return { fd = name, paste = paste, live = live }
end

-- Memory: as a command line that is pasted has it, and as a file without a name of which QEMU is
-- handed the descriptor, the plan's of that name.
function qemu.memory(name, args)
  local entry, live = qemu.object(args), { "memory-backend-file" }
  for key, value in pairs(args) do live[key] = live[key] or value end
  live["mem-path"] = qemu.descriptor(name, {}, { "mem-path", "/proc/self/fd/%d" })
  entry.live = qemu.object(live)
  return entry
end

-- What a supervisor, which knows the options by name only, has no use for.
local check, read, write

-- Holds arguments against the row; report(key | nil, why) hears of each problem.
function qemu.check(name, args, report)
  check = check or require "lunik.qemu.check"
  return check.args(qemu.rows[name], args, report)
end

-- An entry for core.argv.render from an option's name and arguments | nil, why. `props` are the
-- properties that the option's driver is known to have (qemu.property), or nil.
function qemu.entry(name, args, props)
  write = write or require "lunik.qemu.write"
  return write.entry(qemu.rows[name], args, props)
end

-- The arguments that the text behind an option stands for | nil, why.
function qemu.read(name, text)
  read = read or require "lunik.qemu.read"
  return read.value(qemu.rows[name], text)
end

return setmetatable(qemu, { __index = function(_, name)
  local row = qemu.rows[name]
  if not row then return nil end
  return function(args) return qemu.entry(name, args or {}) end
end })
