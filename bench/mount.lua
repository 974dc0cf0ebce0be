-- SPDX-License-Identifier: MIT
-- What a hot mount costs: from `lunik mount` to a file that the guest can read, over a program that
-- holds its connections to QEMU and to an agent open, whose daemon already runs, and that polls the
-- guest. Both in the same guest, in turns.
local room = require "room"
local core = require "lunik.core"
local measure = require "measure"

local COUNT = tonumber(arg and arg[1]) or 25

local home = room.new(room.FLOOR)
local folder = home:folder "share"
home:write("share/f", "readable\n")
local floor = home:floor()

-- A daemon that runs, and the connection to it.
local function daemon()
  local program = assert(require "lunik.host".virtiofsd())
  local path = home.dir .. "/floor-fs.sock"
  local listening = assert(core.chan.listen(path))
  local connection = assert(core.chan.connect(path, 5))
  local argv = program.make == "c" and { program.path, "-f", "-o", "source=" .. folder, "-o",
    "cache=auto", "-o", "xattr", "--fd=3" }
    or { program.path, "--shared-dir", folder, "--cache", "auto", "--xattr", "--fd=3" }
  local proc = assert(core.proc.spawn { argv = argv, env = measure.environment,
                                        fds = { [3] = listening:fd() } })
  listening:close()
  os.remove(path)
  -- it works when it answers (GET_FEATURES of vhost-user)
  connection:send(string.pack("<I4I4I4", 1, 1, 0), 5)
  local answer = ""
  repeat answer = answer .. assert(connection:read(20 - #answer, 5)) until #answer == 20
  return proc, connection
end

local READ = "mkdir -p /floor && mount -t virtiofs floor /floor && cat /floor/f"

local function bare()
  local proc, connection = daemon()
  local from = measure.now()
  floor:qmp "query-pci"
  floor:qmp("getfd", { fdname = "floor" }, { connection:fd() })
  floor:qmp("chardev-add", { id = "fl", backend = { type = "socket", data = {
    addr = { type = "fd", data = { str = "floor" } }, server = false } } })
  floor:qmp("device_add", { driver = "vhost-user-fs-pci", id = "fl", bus = "hotplug15", addr = "0",
    chardev = "fl", tag = "floor", ["queue-size"] = 1024 })
  repeat until floor:guest(READ) == "readable\n"
  local seconds = measure.now() - from
  connection:close()
  floor:guest "umount /floor"
  floor:unplug "fl"
  floor:qmp("chardev-remove", { id = "fl" })
  proc:wait(5)
  proc:close()
  return seconds
end

local profile = {}

local function figure()
  local from = measure.now()
  local text = home:lunik("mount", "m", folder, "--to", "/figure", "--tag", "figure", "--json")
  local seconds = measure.now() - from
  assert(home:guest "cat /figure/f" == "readable\n")
  for i, each in ipairs(core.json.decode(text).mount.steps) do
    profile[i] = profile[i] or { step = each.step }
    table.insert(profile[i], each.ms)
  end
  home:lunik("unmount", "m", "figure")
  return seconds
end

measure.print("mount: to a file that the guest can read", "ms", measure.pairs(COUNT, bare, figure))
for _, step in ipairs(profile) do
  table.sort(step)
  print(("  %-14s %7.2f ms"):format(step.step, step[#step // 2 + 1]))
end
home:close()
