-- A real Debian (guest/debian) as lunik's users have it: an image of theirs, a user of theirs, a
-- server that holds it against whoever comes too often. Run by `make real`; few boots, each of
-- which sees many things, since each takes a minute where there is no KVM.
local assert = require "luassert"
local house = require "support.house"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local stdlib = require "posix.stdlib"

local debian = {}
debian.__index = debian

local KEEPS = 8            -- connections that may be cut while a guest is waited for

debian.THROWN_AWAY = 'disk { file = guest .. "/disk.qcow2", overlay = true },'
debian.GROWN = 'disk { file = guest .. "/disk.qcow2", overlay = true, size = "5G" },'

-- A disk that is kept, over the image of the suite; `size` that it has grown to, where it has.
function debian.kept(name, size)
  return ('disk { file = guest .. "/disk.qcow2", overlay = "%s.qcow2", size = %s },')
    :format(name, size and ("%q"):format(size) or "nil")
end

-- Surroundings with the guest of a suite.
function debian.new(suite)
  local guest = assert(stdlib.realpath("build/guest-" .. suite), "make real builds the guests")
  return setmetatable({ home = house.new(), guest = guest }, debian)
end

function debian:close() self.home:close() end

-- A guest that has booted is given the time to power off that a busy host may need.
debian.PATIENT = "stop = { powerdown = 900 },"

-- Writes a recipe: its path. Nothing of the guest's gets out.
function debian:recipe(name, disk, items)
  return self.home:recipe(name, ([[
    local guest = %q
    return machine { name = %q, accel = "tcg", cpus = 2, memory = "1G", ready_within = 3600,
      console {}, nic { isolated = true }, %s %s }]]):format(self.guest, name, disk, items))
end

-- What the guest's shell prints of a script, which has to succeed.
function debian:says(name, script)
  return (self.home:does("exec", name, "--", "sh", "-c", script))
end

-- A folder of the host's with a file in it.
function debian:share(name)
  local path = self.home.dir .. "/" .. name
  stat.mkdir(path, 448)
  scratch.write(path .. "/file", "of the host")
  return path
end

-- Starts a machine, and what it told.
function debian:up(recipe) return (select(2, self.home:does("up", recipe))) end

-- Takes a machine down in order, which its guest has to do itself.
function debian:down(name)
  local _, told = self.home:does("down", name)
  assert.matches("the guest powered off", told)
  assert.is_nil(told:find("telling QEMU to quit", 1, true), told)
end

-- It has booted by secure boot, and its TPM has been told so.
function debian:is_trusted(name)
  assert.equal("\1", self:says(name, "tail -c 1 /sys/firmware/efi/efivars/SecureBoot-*"))
  assert.is_nil(self:says(name, "cat /sys/class/tpm/tpm0/pcr-sha256/7"):find "^0+\n")
end

-- Its file system is as large as its disk has become: 5G of the image's 2.
function debian:has_grown(name)
  assert.is_true(tonumber(self:says(name, "df --output=size / | tail -n 1")) > 4 << 20)
end

-- Has the guest boot anew, and waits until it is ready.
function debian:reboot(name)
  local events = self.home:start({}, "events", "-f", name)
  self:says(name, "sudo -n systemd-run --on-active=1 systemctl reboot")
  events:expect("RESET", 900)
  events:close()
  self.home:does("wait", name, "--for", "ready")
end

-- How many connections the guest's sshd has seen cut, and what it wrote.
local function cut_connections(self, name)
  local text = self:says(name, "sudo -n journalctl -b --no-pager -u ssh")
  local cut, count = {}, 0
  for line in text:gmatch "[^\n]+" do
    local pid = line:match "sshd[%w-]*%[(%d+)%]: .*Connection %l+ by"
    if pid and not cut[pid] then cut[pid], count = true, count + 1 end
  end
  return count, text
end

-- The guest's sshd has let us in, and has not had to defend itself.
function debian:unharmed(name)
  local count, text = cut_connections(self, name)
  assert.matches("Accepted publickey", text)
  assert.is_nil(text:find "MaxStartups", text)
  assert.is_nil(text:find "penalty", text)
  assert.is_true(count <= KEEPS, text)
end

return debian
