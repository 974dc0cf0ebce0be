-- SPDX-License-Identifier: MIT
-- What a hot-plugged disk costs: from `lunik plug` to a block that the guest can read, over a
-- program that holds its connections open, does the same QMP steps, and polls the guest. Both in
-- the same guest, in turns.
local room = require "room"
local measure = require "measure"

local COUNT = tonumber(arg and arg[1]) or 25

local home = room.new(room.FLOOR)
home:write("disk.raw", "readable" .. ("\0"):rep((1 << 20) - 8))
local image = home.dir .. "/disk.raw"
local floor = home:floor()

local READ = "dd if=/dev/vda bs=512 count=1 2>/dev/null | head -c 8"

local function readable()
  repeat until floor:guest(READ) == "readable"
end

local function bare()
  local from = measure.now()
  floor:qmp "query-pci"
  floor:qmp("blockdev-add", { driver = "file", ["node-name"] = "fl-file", filename = image,
                              discard = "unmap" })
  floor:qmp("blockdev-add", { driver = "raw", ["node-name"] = "fl", file = "fl-file",
                              discard = "unmap" })
  floor:qmp("device_add", { driver = "virtio-blk-pci", id = "fl", bus = "hotplug15", addr = "0",
                            drive = "fl" })
  readable()
  local seconds = measure.now() - from
  floor:unplug "fl"
  floor:qmp("blockdev-del", { ["node-name"] = "fl" })
  floor:qmp("blockdev-del", { ["node-name"] = "fl-file" })
  return seconds
end

local function figure()
  local from = measure.now()
  home:lunik("plug", "m", "disk", "file=" .. image)
  readable()
  local seconds = measure.now() - from
  home:lunik("unplug", "m", "disk")
  return seconds
end

measure.print("plug: a disk, to a block that can be read", "ms", measure.pairs(COUNT, bare, figure))
home:close()
