-- SPDX-License-Identifier: MIT
-- The disks of a trial: each image is read only, beside whoever has it, under a scratch overlay
-- that takes the writes.
local image = require "lunik.host.image"
local truth = require "lunik.qemu.truth"

local blocks = {}

local function is_on(value) return value == true or truth[value] or false end

local function is_readonly(args)
  return is_on(args["read-only"]) or is_on(args.read_only) or is_on(args.readonly)
    or args.media == "cdrom"
end

local function name_of(args) return args["node-name"] or args.node_name end

local function driver_of(args) return args[1] or args.driver end

-- The names of nodes that others stand on: a set; and all nodes by name.
local function relations(entries)
  local inner, nodes = {}, {}
  for _, one in ipairs(entries) do
    if one.name == "blockdev" then
      nodes[name_of(one.args) or ""] = one.args
      for _, key in ipairs { "file", "backing", "data-file", "data_file" } do
        if type(one.args[key]) == "string" then inner[one.args[key]] = true end
      end
    end
  end
  return inner, nodes
end

-- Where a node's bytes are: a path | nil where they come from elsewhere.
local function path_of(args, nodes)
  local file = args.file
  local below = type(file) == "table" and file or file and nodes[file] or args
  return type(below.filename) == "string" and below.filename or nil
end

local function forget(args, names)
  for _, name in ipairs(names) do args[name] = nil end
end

-- Makes a node one that takes no lock and writes nothing.
local function read_only(args)
  forget(args, { "read_only", "readonly", "auto-read-only", "auto_read_only", "force_share" })
  args["read-only"], args["force-share"] = true, true
end

-- The files that the plan would make, by their paths.
local function planned(plan, host)
  local out = {}
  for _, file in ipairs(plan.files) do
    if not (file.keep and host.kind(file.path)) then out[file.path] = file end
  end
  return out
end

-- An overlay, by a name that devices know, over a node | nil.
local function overlay(trial, name, size, base)
  local set, why = trial:scratch(size)
  if not set then return nil, why end
  return { "qcow2", ["node-name"] = name, backing = base,
           file = { driver = "file", filename = "/dev/fdset/" .. set } }
end

-- A node that was to be written, under an overlay: its entries.
local function written(trial, one, nodes)
  local args = one.args
  local name, path = name_of(args), path_of(args, nodes)
  local size = path and image.facts(path, driver_of(args), trial.host).virtual
  if not size then
    trial:tells(one, "nothing in the place of what only QEMU could open")
    return { { one = one, args = { "null-co", ["node-name"] = name } } }
  end
  trial:tells(one, "a scratch overlay for what is written")
  local base = trial:id "base"
  args["node-name"], args.node_name = base, nil
  local top, why = overlay(trial, name, size, base)
  if not top then return nil, why end
  return { { one = one, args = args }, { one = one, args = top } }
end

-- An image that the plan would make: what it stands on, or nothing.
local function unmade(trial, one, file)
  local name = name_of(one.args)
  local size = file.size or image.facts(file.base, file.base_format, trial.host).virtual
  trial:tells(one, ("a scratch %s for %s, which is not made"):format(
    file.base and "overlay" or "image", file.path))
  local out, base = {}, nil
  if file.base then
    base = trial:id "base"
    out[1] = { one = one, args = { file.base_format, ["node-name"] = base, ["read-only"] = true,
      ["force-share"] = true, file = { driver = "file", filename = file.base } } }
  end
  local top, why = overlay(trial, name, size, base)
  if not top then return nil, why end
  out[#out + 1] = { one = one, args = top }
  return out
end

-- The nodes of -blockdev: a list of { one = the entry that it stands for, args }, | nil, why.
function blocks.nodes(trial, entries)
  local inner, nodes = relations(entries)
  local files, out = planned(trial.plan, trial.host), {}
  for _, one in ipairs(entries) do
    local args = one.name == "blockdev" and one.args
    local path = args and path_of(args, nodes)
    local file, name = path and files[path], args and name_of(args)
    local is_inner = inner[name or ""]
    local list, why
    if not args or file and is_inner then
      list = {}
    elseif file then
      list, why = unmade(trial, one, file)
    else
      local readonly = is_readonly(args)
      read_only(args)
      if is_inner or readonly then
        list = { { one = one, args = args } }
      else
        list, why = written(trial, one, nodes)
      end
    end
    if not list then return nil, why end
    table.move(list, 1, #list, #out + 1, out)
  end
  return out
end

local function is_protocol(file) return file:find "^[^/]*:" ~= nil end

-- The arguments of a -drive in which nothing is written | nil, why
function blocks.drive(trial, one)
  local args = one.args
  local file = args.file
  forget(args, { "snapshot" })
  if type(file) ~= "string" or file == "" then return args end
  if is_readonly(args) then
    forget(args, { "readonly", "read_only" })
    args["read-only"], args["force-share"] = true, true
    return args
  end
  local path = file:find "^/" and file or trial.dir .. "/" .. file
  local head = not is_protocol(file) and image.head(path, nil, trial.host)
  local format = args.format or args.driver or head and image.looks_like(head) or "raw"
  local size = head and image.facts(path, format, trial.host).virtual
  if not size then
    if not is_protocol(file) then return args end
    trial:tells(one, "nothing in the place of what only QEMU could open")
    args.file, args.format = "null-co://", "raw"
    return args
  end
  local set, why = trial:scratch(size)
  if not set then return nil, why end
  trial:tells(one, "a scratch overlay for what is written")
  args.file, args.driver, args.format = nil, nil, "qcow2"
  for key, value in pairs { ["file.driver"] = "file", ["file.filename"] = "/dev/fdset/" .. set,
    ["backing.driver"] = format, ["backing.file.driver"] = "file", ["backing.file.filename"] = path,
    ["backing.read-only"] = true, ["backing.force-share"] = true } do
    args[key] = value
  end
  return args
end

return blocks
