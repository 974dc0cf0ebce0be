-- SPDX-License-Identifier: MIT
-- The files that an image brings along: its base images, data file, extents. Whoever made the image
-- chose them, so one outside its folder has to be named by the recipe.
local image = require "lunik.host.image"
local kind = require "lunik.schema.kind"
local quote = require "lunik.schema.kind".show

local chain = {}

local BASE = "base image"

local function base_name(path) return path:match "[^/]*$" end

-- The path that a header means; nil for what only QEMU could open, such as "nbd://…".
local function resolved(name, folder)
  name = name:gsub("^file:/", "/")
  if name:sub(1, 1) == "/" then return name end
  if name:find "^[^/]*:" then return nil end
  return folder .. "/" .. name
end

-- Text as QEMU spells it, or a path: what `backing` of a recipe holds.
local function read_one(value, context)
  if type(value) == "string" and value:find "^[^/]*:" and not value:find "[%c]" then
    return value
  end
  return kind.path().read(value, context)
end

-- The field's kind: a file, or a list of them.
chain.kind = { name = "files", expects = "a path, or a list of them" }

function chain.kind.read(value, context)
  local out = {}
  for i, each in ipairs(type(value) == "table" and value or { value }) do
    local why
    out[i], why = read_one(each, context)
    if not out[i] then return nil, why end
  end
  if #out > 0 then return out end
  return nil, "a path, or a list of them expected, got " .. kind.show(value)
end

-- Refuses what the recipe does not name, and what is no file: true and the real path, if it has one
-- | nil, why. `name` is as the header of `at` has it.
local function held(at, what, name, allowed, host)
  local folder = at.path:match "^(.*)/"
  local path = resolved(name, folder)
  local real = path and host.real(path)
  if not (real and allowed[real]) and not allowed[name] then
    local inside = real and host.kind(at.path) ~= "device"
      and real:sub(1, #folder + 1) == folder .. "/"
    if not inside then
      return nil, ("%s has %s for its %s, which is not in its folder: if it is to be read, say "
        .. "backing = \"…\""):format(quote(base_name(at.path)), quote(name), what)
    end
  end
  if not path then return true end
  local found = host.kind(path)
  if not found then
    return nil, ("the %s of %s is missing: %s"):format(what, base_name(at.path), quote(name))
  elseif found ~= "file" and found ~= "device" then
    return nil, ("the %s of %s is a %s: %s"):format(what, base_name(at.path), found, quote(name))
  end
  return true, real
end

-- What an image's header names, a list of { what, name }, and the format of its base | nil, why
local function named_by(at, host)
  local head, why = image.head(at.path, at.format, host)
  if not head then return nil, why end
  local said, list = image.read(at.format or image.looks_like(head), head), {}
  if said.backing then list[1] = { BASE, said.backing } end
  if said.data then list[#list + 1] = { "data file", said.data } end
  for _, name in ipairs(said.extents or {}) do list[#list + 1] = { "extent", name } end
  return list, said.backing_format
end

-- One image: the next that it stands on | nil when there is none; false, why
local function look(at, allowed, host)
  local named, form = named_by(at, host)
  if not named then return false, form end
  local base
  for _, each in ipairs(named) do
    local ok, path = held(at, each[1], each[2], allowed, host)
    if not ok then return false, path end
    if each[1] == BASE then base = path end
  end
  return base and { path = base, format = form }
end

-- Holds an image and all that it stands on: true | nil, why. `named`: what the recipe names.
function chain.check(path, format, named, host)
  local allowed, seen = {}, {}
  for _, each in ipairs(named or {}) do allowed[each] = true end
  local at = { path = path, format = format }
  while at do
    if seen[at.path] then return nil, ("%s is its own base image"):format(quote(path)) end
    seen[at.path] = true
    local why
    at, why = look(at, allowed, host)
    if at == false then return nil, why end
  end
  return true
end

-- The files that an image stands on, by the paths at which QEMU opens them, the nearest first. What
-- only QEMU could open is none.
function chain.files(path, format, host)
  local list, seen, at = {}, { [path] = true }, { path = path, format = format }
  while at do
    local named, form = named_by(at, host)
    local folder, base = at.path:match "^(.*)/", nil
    for _, each in ipairs(named or {}) do
      local file = resolved(each[2], folder)
      if file and not seen[file] then
        list[#list + 1], seen[file] = file, true
        if each[1] == BASE then base = { path = file, format = form } end
      end
    end
    at = base
  end
  return list
end

return chain
