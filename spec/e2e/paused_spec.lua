-- A machine that is paused, by a full disk or by hand, with a real guest: whoever asks it something
-- is told at once, and what waits goes on when it does.
local house = require "support.house"
local run = require "support.run"
local stat = require "posix.sys.stat"

-- The disk lies on a file system of 2 MB, in a mount namespace of this spec's own; its image is
-- larger, so that the guest fills what is below it.
local SCRIPT = [[
  local house = require "support.house"
  local home = setmetatable({ dir = %q, started = {} }, house)
  home:surroundings()
  local recipe = home:small("full", "agent {}, ssh {}, nic { forward = { ssh = 22 } }, "
    .. "hotplug { ports = 2 }, disk { file = 'small/d.qcow2' }")
  home:does("up", recipe)
  local writing = home:start({}, "exec", "full", "--", "sh", "-c",
    "dd if=/dev/zero of=/dev/vda bs=1M count=8 conv=fsync")
  local events = home:start({}, "events", "-f", "full")
  events:expect("paused: disk 'd': no space left on the host", 60)
  events:close()
  print("status", (home:does("status", "full"):match "state +([^\n]+)"))
  print("ls", home:does("ls"):match "\nfull +(paused by a disk).*\nfull: paused: ([^\n]+)\n$")
  for _, argv in ipairs { { "exec", "full", "true" }, { "ssh", "full", "true" } } do
    local status, _, errors = home:lunik(table.unpack(argv))
    print(argv[1], status, (errors:gsub("\n", "")))
  end
  print("mount", (select(2, home:does("mount", "full", home.dir .. "/src")):gsub("\n", "")))
  assert(os.execute(("mount -o remount,size=64m '%%s/small'"):format(home.dir)))
  events = home:start({}, "events", "-f", "full")
  home:does("resume", "full")
  events:expect("src is at /mnt/src in the guest", 60)
  events:close()
  print("written", select(2, writing:wait(60)), writing.text:match "full: paused: disk 'd'")
  print("state", home:json("status", "full", "--json").state)
  home:does("down", "--force", "full")
  home:close()]]

describe("a machine whose disk is full", function()
  it("says so to whoever asks, and goes on when there is room", function()
    local home = house.new()
    for _, name in ipairs { "small", "src" } do stat.mkdir(home.dir .. "/" .. name, 448) end
    local text, how, status = run.lua(SCRIPT:format(home.dir), { mounts = ([[
      mount -t tmpfs -o size=2m lunik '%s/small'
      qemu-img create -q -f qcow2 '%s/small/d.qcow2' 64M]]):format(home.dir, home.dir) })
    assert.same({ "exited", 0 }, { how, status }, text)
    local why = "disk 'd': no space left on the host; free some, then lunik resume full"
    assert.equal(("status\tpaused: %s\nls\tpaused by a disk\t%s\n"
      .. "exec\t125\tlunik exec: the machine is paused: %s\n"
      .. "ssh\t125\tlunik ssh: the machine is paused: %s\n"
      .. "mount\tfull: the machine is paused: %s; it is mounted when the guest runs\n"
      .. "written\t0\tfull: paused: disk 'd'\nstate\trunning\n")
      :format(why, why, why, why, why), text)
  end)
end)
