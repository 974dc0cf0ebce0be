-- SPDX-License-Identifier: MIT
-- `lunik unmount`: takes a mount away from a running guest, in the guest first.
local host = require "lunik.host"
local portable = require "lunik.store.portable"
local shown = require "lunik.cli.shown"
local unistd = require "posix.unistd"

local PLACES = { "tag", "id", "port", "to", "from" }

-- Whether a mount has that for one of its words, as its bytes or as `lunik mounts` prints them.
local function has(one, word)
  for _, key in ipairs(PLACES) do
    if one[key] and (portable.bytes(one[key]) == word or shown.text(one[key]) == word) then
      return true
    end
  end
end

-- A path of the host, from where the user is.
local function on_host(word)
  return host.real(word:sub(1, 1) == "/" and word or unistd.getcwd() .. "/" .. word)
end

local function matching(list, word)
  local found = {}
  for _, one in ipairs(list) do
    if has(one, word) then found[#found + 1] = one end
  end
  return found
end

-- What the machine calls the mount that somebody means: its id, where only one can be meant.
local function meant(vm, word)
  local list = vm:mounts() or {}
  for _, each in ipairs { word, (word:gsub("(.)/+$", "%1")), on_host(word) } do
    local found = matching(list, each)
    if #found == 1 then return portable.bytes(found[1].id) end
    if #found > 1 then return each end
  end
  return word
end

return require "lunik.cli.attached".removal {
  name = "unmount", summary = "take a mount away from a running guest",
  example = "lunik unmount dev src", meant = meant,
  more = { "lunik unmount -m dev src --force --timeout 30s" },
  what = { "mount", "its tag, or its place in the guest or on the host, as `lunik mounts` has it" },
  force = "from the programs that use it, too",
}
