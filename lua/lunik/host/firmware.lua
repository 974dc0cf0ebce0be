-- SPDX-License-Identifier: MIT
-- The firmware that is installed here, by QEMU's descriptors (docs/interop/firmware.json): those
-- of all folders in one list, by name. What stands in a more specific folder replaces its namesake
-- in the others, and hides it where it is empty.
local core = require "lunik.core"
local facts = require "lunik.host.facts"
local file = require "lunik.system.file"
local stat = require "posix.sys.stat"

local MOST = 1 << 16       -- bytes of a descriptor

-- From the least specific on.
local function folders()
  local config = facts.env "XDG_CONFIG_HOME"
  if not config or config:sub(1, 1) ~= "/" then config = facts.home .. "/.config" end
  return { "/usr/share/qemu/firmware", "/etc/qemu/firmware", config .. "/qemu/firmware" }
end

local function texts(value)
  local out = {}
  for _, each in ipairs(type(value) == "table" and value or {}) do
    if type(each) == "string" then out[#out + 1] = each end
  end
  return out
end

local function set(value)
  local out = {}
  for _, each in ipairs(texts(value)) do out[each] = true end
  return out
end

local function targets(value)
  local out = {}
  for _, each in ipairs(type(value) == "table" and value or {}) do
    if type(each) == "table" and type(each.architecture) == "string" then
      out[#out + 1] = { arch = each.architecture, machines = texts(each.machines) }
    end
  end
  return out
end

local function is_path(value)
  return type(value) == "string" and value:find "^/" and not value:find "%z"
end

-- An image that a mapping names: { path, format } | nil
local function image(value)
  if type(value) ~= "table" or not is_path(value.filename) then return nil end
  local format = value.format
  if format ~= "raw" and format ~= "qcow2" then return nil end
  return { path = value.filename, format = format }
end

-- How the guest finds it, a function per device of a mapping: code, vars, or the reason why not.
local mappings = {}

function mappings.flash(value)
  local mode = value.mode or "split"
  if mode ~= "split" and mode ~= "stateless" then
    return nil, nil, ("its flash is %s, which lunik does not know"):format(tostring(mode))
  end
  local code = image(value.executable)
  local vars = mode == "split" and image(value["nvram-template"]) or nil
  if code and (vars or mode == "stateless") then return code, vars end
  return nil, nil, "it names no code and variables, as raw or qcow2, by absolute paths"
end

function mappings.memory(value)
  if is_path(value.filename) then return { path = value.filename, format = "raw" } end
  return nil, nil, "it names no image by an absolute path"
end

function mappings.kernel() return nil, nil, "it is loaded as a kernel" end

-- What a descriptor's text says; `problem` where lunik cannot use it.
local function understood(text)
  local said = core.json.decode(text)
  if type(said) ~= "table" then return { problem = "is no JSON object" } end
  local mapping = type(said.mapping) == "table" and said.mapping or {}
  local read = mappings[mapping.device]
  local out = { device = mapping.device, interfaces = set(said["interface-types"]),
                features = set(said.features), targets = targets(said.targets) }
  if not read then return { problem = "has no mapping that lunik knows" } end
  out.code, out.vars, out.problem = read(mapping)
  return out
end

-- The paths of the descriptors by their names, those that hide others among them.
local function found(list)
  local paths, names = {}, {}
  for _, folder in ipairs(list) do
    for _, name in ipairs(facts.list(folder)) do
      if name:find "%.json$" and not name:find "^%." then
        if not paths[name] then names[#names + 1] = name end
        paths[name] = folder .. "/" .. name
      end
    end
  end
  table.sort(names)
  return names, paths
end

-- The descriptors of these folders, or of QEMU's own, in the order in which they are tried: of
-- each name, path; device (flash, memory), code, vars ({ path, format }), interfaces and features
-- (sets), targets ({ arch, machines = globs }); or `problem`, why it cannot be used.
return function(list)
  local out = {}
  local names, paths = found(list or folders())
  for _, name in ipairs(names) do
    local path = paths[name]
    local text, why = facts.contents(path, MOST)
    local info = stat.stat(path)
    if not (text and text == "") then
      local one = text and understood(text) or { problem = why }
      if not text and info and file.kind(info) ~= "file" then one.problem = "is no file" end
      one.name, one.path = name, path
      out[#out + 1] = one
    end
  end
  return out
end
