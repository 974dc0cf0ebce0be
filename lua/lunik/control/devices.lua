-- SPDX-License-Identifier: MIT
-- The control socket's commands about devices that come and go: rows of lunik.control.commands.
local base64 = require "lunik.text.base64"
local core = require "lunik.core"
local portable = require "lunik.store.portable"

local object = core.json.object

local function text(name, doc)
  return { name, type = "string", doc = doc, optional = true }
end

local function flag(name, doc)
  return { name, type = "boolean", doc = doc, optional = true }
end

local name = { "name", type = "string", doc = "by its tag or id, or its place here or there" }
local force = flag("force", "from whoever uses it, too")
local seconds = { "seconds", type = "number", doc = "for the guest to let go of it",
                  optional = true }

-- Paths are bytes; JSON is not.
local BYTES = { "from", "to", "name" }

local function given(asked)
  local out = {}
  for key, value in pairs(asked) do out[key] = value end
  for _, key in ipairs(BYTES) do
    local encoded = out[key .. "-b64"]
    if encoded then
      local bytes = base64.decode(encoded)
      if not bytes then return nil, key .. "-b64: base64 expected" end
      out[key], out[key .. "-b64"] = bytes, nil
    end
  end
  return out
end

local function mount(server, asked)
  local fields, why = given(asked)
  if not fields then return nil, why end
  local options = { seconds = fields.seconds }
  fields.seconds = nil
  local mounted
  mounted, why = server.vm:mount(fields, options)
  return mounted and portable.encode(mounted), why
end

local function take(method)
  return function(server, asked)
    local fields, why = given(asked)
    if not fields then return nil, why end
    if not fields.name then return nil, "Parameter 'name' is missing" end
    local ok
    ok, why = server.vm[method](server.vm, fields.name, fields)
    if not ok then return nil, why end
    return object {}
  end
end

local function converge(server, asked)
  local wanted = asked.wanted and {}
  for i, each in ipairs(asked.wanted or {}) do
    if type(each) ~= "table" then return nil, "wanted: a list of mounts expected" end
    local fields, why = given(each)
    if not fields then return nil, why end
    wanted[i] = fields
  end
  local list, why = server.vm:mounts(wanted)
  return list and portable.encode(list), why
end

local function plug(server, asked)
  local device, why = server.vm:plug(asked.family, portable.decode(asked.fields or {}), asked)
  return device, why
end

return {
  -- its row checks the other fields
  { name = "lunik-mount", open = true,
    doc = "a directory of the host in the guest, from now on; it takes the other fields of "
      .. "mount {} as well",
    arguments = { text("from", "the directory"), text("from-b64", "the same in base64"),
      text("to", "where the guest has it"), text("to-b64", "the same in base64"),
      text("tag", "what the guest mounts it by"), flag("readonly", "the guest cannot write"),
      text("owner", "uid:gid that its owner has in the guest"),
      text("port", "the port to take"), seconds },
    returns = "the mount, as lunik-mounts lists it", run = mount },

  { name = "lunik-unmount", doc = "take such a directory, or one of the start, away",
    arguments = { text("name", name.doc), text("name-b64", "the same in base64"), force, seconds },
    returns = "an empty object", run = take "unmount" },

  { name = "lunik-mounts", doc = "every mount; with `wanted`, changed to that first",
    arguments = { { "wanted", type = "array", doc = "arguments of lunik-mount, each",
                    optional = true } },
    returns = "a list of tag, type, from, to, readonly, owner, state, why, port, id, hot",
    run = converge },

  { name = "lunik-plug", doc = "a device, from now on",
    arguments = { { "family", type = "string", doc = "disk, nic, …, or device" },
      { "fields", type = "object", doc = "as a recipe has them", optional = true },
      flag("text", "their values are words of a command line"),
      text("dir", "where paths among them begin") },
    returns = "id, family, label, port", run = plug },

  { name = "lunik-unplug", doc = "take such a device away",
    arguments = { name, force, seconds }, returns = "an empty object", run = take "unplug" },

  { name = "lunik-slots", doc = "what sits in which port", arguments = {},
    returns = "a list of port, id, family, label, state, boot",
    run = function(server) return server.vm:slots() end },
}
