-- SPDX-License-Identifier: MIT
-- What a mount that comes for a copy gains: `lunik cp` of one large file into the guest by it, over
-- the same by a stream, which is what it goes by where the one port is taken. Both in turns.
local core = require "lunik.core"
local measure = require "measure"
local room = require "room"

local COUNT = tonumber(arg and arg[1]) or 5
local SIZES = { 32, 128 }              -- MiB; from the first on it goes by a mount

local home = room.new "agent {}, hotplug { ports = 1 }"
local folder = home:folder "share"

local function copy(name, road)
  local from = measure.now()
  local text = home:lunik("cp", "--json", home.dir .. "/" .. name, "m:/run/x")
  local seconds = measure.now() - from
  assert(core.json.decode(text).copied[1].road == road, text)
  home:guest "rm /run/x"
  return seconds
end

for _, size in ipairs(SIZES) do
  local name = "file" .. size
  home:write(name, ("0123456789abcdef"):rep(size << 16))
  measure.print(("cp: %d MiB into the guest"):format(size), "ms", measure.pairs(COUNT,
    function()
      home:lunik("mount", "m", folder, "--no-mount")
      local seconds = copy(name, "stream")
      home:lunik("unmount", "m", folder)
      return seconds
    end,
    function() return copy(name, "virtiofs") end))
end
home:close()
