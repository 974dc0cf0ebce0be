-- SPDX-License-Identifier: MIT
-- What a template is made of: all that its recipe read and says, the files that its machine takes,
-- QEMU, lunik. Each part is { kind, name, value }; where two lists differ, so may the templates.
local chain = require "lunik.device.disk.chain"
local core = require "lunik.core"
local host = require "lunik.host"
local now = require "lunik.saved.now"
local printable = require "lunik.text.printable"
local shape = require "lunik.store.shape"
local snapshot = require "lunik.recipe.snapshot"
local sorted = require "lunik.text.sorted"
local version = require "lunik.version"

local made_of = {}

local DEEPEST = 16         -- tables in a field

local function sum(value) return core.copy.sha256(snapshot.encode { value }) end

local function add(list, kind, name, value)
  list[#list + 1] = { kind = kind, name = name, value = value }
end

-- What a file is told from another by: its contents are not read, which may be many gigabytes.
local function stamp(path)
  local found = now.stamp(path)
  if not found or not found.size then return nil end
  return ("%d:%d:%d:%d"):format(found.size, found.mtime, found.ctime, found.inode)
end

-- Collects the paths of files in a value, which is what a field or an option holds.
local function paths_in(value, paths, depth)
  if type(value) == "string" and value:sub(1, 1) == "/" and not value:find("\0", 1, true) then
    paths[value] = true
  elseif type(value) == "table" and depth < DEEPEST then
    for _, each in next, value do paths_in(each, paths, depth + 1) end
  end
end

-- The images that a disk stands on. What is wrong with them was said when the recipe was checked.
local function images_of(item, paths)
  local list = item.file and chain.files(item.file, item.format, host) or {}
  for _, path in ipairs(list) do paths[path] = true end
end

-- The files that the machine of a recipe is made of, as a list.
local function files(plan, machine)
  local paths = {}
  for _, row in ipairs(require "lunik.machine.scalar") do paths_in(machine[row.name], paths, 0) end
  for _, item in ipairs(machine.items) do
    for _, row in ipairs(item.row and item.row.known or {}) do
      paths_in(item[row.name], paths, 0)
    end
    paths_in(item.args, paths, 0)
    if item.family == "disk" then images_of(item, paths) end
  end
  for _, hook in ipairs(machine.hooks) do paths_in(hook.steps, paths, 0) end
  paths[host.real(plan.binary) or plan.binary] = true
  return sorted(paths)
end

local function recipe(list, inputs)
  for _, path in ipairs(sorted(inputs.files)) do
    add(list, "text", path, core.copy.sha256(inputs.files[path]))
  end
  for _, name in ipairs(sorted(inputs.env)) do
    add(list, "variable", name, sum(inputs.env[name]))
  end
  for _, name in ipairs(sorted(inputs.facts)) do
    add(list, "fact", name, sum(inputs.facts[name]))
  end
end

-- Of a plan, its machine, and what --set said but for the name, which each clone has of its own.
function made_of.list(plan, machine, set)
  local list = {}
  add(list, "lunik", "lunik", version)
  recipe(list, machine.raw.inputs)
  for _, name in ipairs(sorted(set)) do add(list, "set", name, tostring(set[name])) end
  add(list, "accel", "accel", tostring(machine.accel))
  for _, path in ipairs(files(plan, machine)) do
    local value = stamp(path)
    if value then add(list, "file", path, value) end
  end
  return list
end

-- The name of such a list: the same for the same parts alone.
function made_of.key(list)
  local words = {}
  for i, part in ipairs(list) do words[i] = { part.kind, part.name, part.value } end
  return core.copy.sha256(snapshot.encode(words))
end

local SAID = {
  text = "%s was changed", file = "%s was changed", variable = "the variable %s is another",
  fact = "host.%s is another", set = "--set %s is another", lunik = "it was made by another lunik",
  accel = "it is run by another accelerator",
}

local function by_place(list)
  local out = {}
  for _, part in ipairs(list) do out[part.kind .. "\0" .. part.name] = part end
  return out
end

-- What is not as it was, in words, a list.
function made_of.changes(before, after)
  local was, is, lines, said = by_place(before), by_place(after), {}, {}
  for _, list in ipairs { after, before } do
    for _, part in ipairs(list) do
      local place = part.kind .. "\0" .. part.name
      local a, b = was[place], is[place]
      if not said[place] and (not a or not b or a.value ~= b.value) then
        said[place] = true
        lines[#lines + 1] = SAID[part.kind]:format(printable(part.name))
      end
    end
  end
  return lines
end

local function word(value, at, wrong)
  if SAID[value] then return value end
  shape.bad(at, wrong)
end

-- Its form in a file.
made_of.form = shape.list(shape.object({ kind = word, name = shape.text, value = shape.text }, {}))

return made_of
