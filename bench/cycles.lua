-- SPDX-License-Identifier: MIT
-- What five hundred mounts and unmounts leave behind, in the supervisor, in QEMU, among the host's
-- processes and in the guest: figures before and after. Not a measure of speed: it fails when
-- anything but memory is not what it was.
local room = require "room"
local dirent = require "posix.dirent"
local lunik = require "lunik"
local measure = require "measure"

local COUNT = tonumber(arg and arg[1]) or 500

local home = room.new "agent {}, hotplug { ports = 16 }"
local vm = assert(lunik.attach "m")
local folder = home:folder "share"

local function text(path)
  local file = io.open(path, "rb")
  if not file then return "" end
  local _ <close> = file
  return file:read "a"
end

local function entries(path)
  local count = 0
  for _ in dirent.files(path) do count = count + 1 end
  return count - 2
end

local function pss(pid)
  return tonumber(text(("/proc/%d/smaps_rollup"):format(pid)):match "\nPss:%s+(%d+)") or 0
end

local function ours() return #require "surroundings".processes() end

-- Every object of QEMU's tree.
local function objects(path)
  local count = 0
  for _, each in ipairs(assert(vm:qmp("qom-list", { path = path }))) do
    if each.type:find "^child<" then
      count = count + 1 + objects((path == "/" and "" or path) .. "/" .. each.name)
    end
  end
  return count
end

local function guest(script)
  return tonumber(select(2, vm:exec { "sh", "-c", script }):match "%d+")
end

local function free_ports()
  local count = 0
  for _, port in ipairs(vm:slots()) do count = count + (port.state == "free" and 1 or 0) end
  return count
end

local status = vm:status()
local supervisor, qemu = status.supervisor.pid, status.qemu.pid

local figures = {
  { "supervisor: descriptors", function() return entries(("/proc/%d/fd"):format(supervisor)) end },
  { "supervisor: memory, kB", function() return pss(supervisor) end },
  { "QEMU: descriptors", function() return entries(("/proc/%d/fd"):format(qemu)) end },
  { "QEMU: objects", function() return objects "/" end },
  { "QEMU: character devices", function() return #vm:qmp "query-chardev" end },
  { "host: processes", ours },
  { "host: files of the machine", function() return entries(home.dir .. "/run/lunik/m") end },
  -- not the kernel's own, which come and go
  { "guest: programs", function()
    return guest "for p in /proc/[0-9]*/exe; do readlink $p; done 2>/dev/null | wc -l"
  end },
  { "guest: mounts", function() return guest "wc -l </proc/self/mountinfo" end },
  { "guest: PCI devices", function() return guest "ls /sys/bus/pci/devices | wc -l" end },
  { "guest: slab, kB", function() return guest "sed -n 's/^Slab: *//p' /proc/meminfo" end },
  { "ports free", free_ports },
}

local VARIES = { ["supervisor: memory, kB"] = true, ["guest: slab, kB"] = true }

local function cycles(count)
  for _ = 1, count do
    assert(vm:mount { from = folder, to = "/cycle" })
    assert(vm:unmount "cycle")
  end
end

local function look()
  local list = {}
  for i, each in ipairs(figures) do list[i] = each[2]() end
  return list
end

cycles(20)                           -- what is loaded and cached at first is not left behind
local before, from = look(), measure.now()
cycles(COUNT)
local seconds, after = measure.now() - from, look()
print(("%d mounts and unmounts, %.0f ms each"):format(COUNT, seconds / COUNT * 1000))
for i, each in ipairs(figures) do
  print(("  %-28s %8d -> %8d"):format(each[1], before[i], after[i]))
end
vm:close()
home:close()
for i, each in ipairs(figures) do
  assert(VARIES[each[1]] or before[i] == after[i], each[1] .. ": left behind")
end
