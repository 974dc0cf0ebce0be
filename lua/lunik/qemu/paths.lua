-- SPDX-License-Identifier: MIT
-- The paths in an option's arguments, by the kinds of its keys. Keys that only the binary knows
-- have none, but for those that its row names in `deep`, by their last part.
local keys = require "lunik.qemu.keys"
local truth = require "lunik.qemu.truth"

local paths = {}

local function is_on(value) return value == true or truth[value] or false end

-- The kind of what stands at `key`, which may be one of a list.
local function kind_of(row, form, key, name)
  local found = keys.find(row, form, keys.spelling(row, form, key))
  if found then return found.kind, found.path_with end
  return row.deep and row.deep[name:match "[^.]+$"]
end

local function first_kind(row)
  if row.kind then return row.kind end
  local implied = row.implied and keys.find(row, nil, row.implied)
  return implied and implied.kind
end

-- A name in the abstract name space is none of a file.
local function is_abstract(list, name)
  local prefix = name:match "^(.*)path$"
  return prefix and is_on(list[prefix .. "abstract"])
end

local walk, in_short_form

-- Text of which a part is a character backend in the short form, "tcp:10.0.2.100:80-unix:PATH".
local function in_backend(kind, key, value, at)
  local before, backend = kind.backend(value)
  if not before then return value end
  local row = { grammar = "chardev", by = require "lunik.qemu.character.short" {} }
  local args = in_short_form(row, { backend }, function(_, ...) return at(key, ...) end)
  local text = next(args, next(args)) and require "lunik.qemu.grammar.chardev".render(args)
  return text and before .. text or value
end

local function replaced(kind, key, value, at)
  if kind and kind.backend then return in_backend(kind, key, value, at) end
  if not kind or not kind.places then return value end
  return kind.places(value, function(path, what) return at(key, path, what) end)
end

-- The value at `key` of a list, whose paths are replaced; tables are changed where they are. Some
-- are paths only where another key of the list says so.
local function value_at(row, form, key, name, value, at, list)
  if type(value) == "string" then
    local kind, path_with = kind_of(row, form, key, name)
    if path_with and is_on(list[path_with]) then return at(key, value) end
    return replaced(kind, key, value, at)
  elseif type(value) == "table" and not value.fd then
    walk(row, form, key, value, at)
  end
  return value
end

function walk(row, form, prefix, list, at)
  for name, value in next, list do
    if math.type(name) == "integer" then
      -- a list says its key again, or numbers it
      local own = prefix and keys.find(row, form, prefix) and prefix
        or ("%s.%d"):format(prefix, name - 1)
      list[name] = value_at(row, form, own, own, value, at, list)
    elseif not is_abstract(list, name) then
      local key = prefix and prefix .. "." .. name or name
      list[name] = value_at(row, form, key, name, value, at, list)
    end
  end
end

-- A short form in one piece, "file:PATH", is taken apart where its path changes.
function in_short_form(row, args, at)
  local apart = require "lunik.qemu.grammar.chardev".expand(args) or args
  local changed = apart == args
  walk(row, keys.form(row, apart), nil, apart, function(key, path, what)
    local now = at(key, path, what)
    changed = changed or now ~= path
    return now
  end)
  return changed and apart or args
end

-- Changes the arguments: each path becomes what at(key, path, what) returns. `what` has to be
-- there, as lunik.qemu.kind says it; a first value has the key 1. Returns the arguments.
function paths.replace(row, args, at)
  if row.grammar == "flag" then return args end
  if row.grammar == "chardev" then return in_short_form(row, args, at) end
  local form, first = keys.form(row, args), args[1]
  args[1] = nil
  walk(row, form, nil, args, at)
  args[1] = type(first) == "string" and not (row.by and not row.discriminator)
    and replaced(first_kind(row), 1, first, at) or first
  return args
end

return paths
