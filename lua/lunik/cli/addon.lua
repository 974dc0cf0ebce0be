-- SPDX-License-Identifier: MIT
-- What editors know of a recipe's words, written as an addon of lua-language-server (config.json
-- and a library) beside a std for luacheck, one for each QEMU; and .luarc.json, by which a folder
-- has it. Whoever changes QEMU or lunik writes it anew.
local core = require "lunik.core"
local directory = require "lunik.store.directory"
local errno = require "posix.errno"
local fcntl = require "posix.fcntl"
local host = require "lunik.host"
local printable = require "lunik.text.printable"
local program = require "lunik.program"
local records = require "lunik.store.records"
local unistd = require "posix.unistd"

local addon = {}

local MODE = tonumber("666", 8)

local CONFIG = [[
{
  "name": "lunik",
  "words": ["return%s+machine%s*{"],
  "files": ["vm%.lua$"],
  "settings": {
    "Lua.runtime.version": "Lua 5.4",
    "Lua.workspace.checkThirdParty": false
  }
}
]]

local LUARC = [[
{
  "runtime.version": "Lua 5.4",
  "workspace.checkThirdParty": false,
  "workspace.library": [%s]
}
]]

-- The QEMU that recipes are for: a name by PATH, or a path; left out, that of this host's machines.
function addon.binary(given) return given or "qemu-system-" .. host.arch end

-- The addon's folder for that QEMU.
function addon.folder(binary)
  return ("%s/types/%s"):format(host.data, (binary:match "[^/]*$":gsub("[^%w._-]", "-")))
end

-- The files of the addon: { { path below its folder, text }, … }, and how many devices and object
-- types they have. Without knowledge of a QEMU it has what the rows say.
local function files(known)
  local list, counts = { { "config.json", CONFIG } }, {}
  for _, each in ipairs(require "lunik.reference.printed") do
    local name = each[1]:match "^types/(.*)$"
    if name == "luacheck.lua" then list[#list + 1] = { name, each[2]() }
    elseif name then list[#list + 1] = { "library/" .. name, each[2]() } end
  end
  local own
  if known then own, counts = require "lunik.reference.drivers".files(known) end
  for _, each in ipairs(own or {}) do list[#list + 1] = { "library/" .. each[1], each[2] } end
  return list, counts
end

-- Files of an addon that an earlier QEMU needed, and this one does not.
local function remove_others(folder, written)
  for _, kind in ipairs { "device", "object" } do
    local count = 1
    while written[("library/%s-%d.lua"):format(kind, count)] do count = count + 1 end
    while unistd.unlink(("%s/library/%s-%d.lua"):format(folder, kind, count)) do
      count = count + 1
    end
  end
end

-- Writes the addon: { folder, library, files = { path, … }, counts } | nil, why
function addon.write(folder, known)
  local list, counts = files(known)
  local written = {}
  for i, each in ipairs(list) do
    local path = ("%s/%s"):format(folder, each[1])
    local ok, why = directory.make(directory.parent(path))
    if ok then ok, why = records.write(path, each[2]) end
    if not ok then return nil, why end
    list[i], written[each[1]] = path, true
  end
  remove_others(folder, written)
  return { folder = folder, library = folder .. "/library", files = list, counts = counts }
end

-- The library that recipes of a QEMU are completed by: that of its addon, written anew, or where
-- that cannot be, the one that is installed: folder | nil, why
function addon.library(binary)
  local path = host.program(binary)
  local made = addon.write(addon.folder(binary), path and host.caps(path) or nil)
  local library = made and made.library or program.types()
  if library then return library end
  return nil, "the types for editors are not installed"
end

-- Writes a file that must not be there: true | nil, why, errno
function addon.create(path, text)
  local fd, why, code = fcntl.open(path, fcntl.O_WRONLY | fcntl.O_CREAT | fcntl.O_EXCL
                                         | fcntl.O_CLOEXEC, MODE)
  if not fd then return nil, why, code end
  local written
  written, why = unistd.write(fd, text)
  unistd.close(fd)
  if written == #text then return true end
  unistd.unlink(path)
  return nil, ("write %s: %s"):format(path, why or "not all of it")
end

local function luarc(library) return LUARC:format(core.json.encode(library)) end

-- Whether lunik wrote it, for another library.
local function is_ours(text)
  local library = text:match '"workspace.library": %[(".-")%]'
  return library ~= nil and text == LUARC:format(library)
end

-- Writes .luarc.json into a folder ("" or with a slash at its end). What somebody else wrote stays
-- as it is: its path | nil where it has the library already | nil, why
function addon.luarc(folder, library)
  local path = folder .. ".luarc.json"
  local ok, why, code = addon.create(path, luarc(library))
  if ok then return path end
  if code ~= errno.EEXIST then return nil, why end
  local text = host.contents(path, 1 << 20) or ""
  if text:find(library, 1, true) then return nil end
  if is_ours(text) then
    ok, why = records.write(path, luarc(library))
    return ok and path or nil, why
  end
  return nil, ("%s is there already: %s in its workspace.library has the words of recipes"):format(
    printable(path), library)
end

return addon
