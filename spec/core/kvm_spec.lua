-- What core.kvm promises: a verdict that was tried, with the reason in words.
local core = require "lunik.core"
local run = require "support.run"
local scratch = require "support.scratch"
local errno = require "posix.errno"
local wait = require "posix.sys.wait"

-- The verdict where `device`, shell that makes a "kvm" in the folder it runs in, provides all that
-- is in /dev. Nothing else is hidden: this checkout may lie anywhere.
local function verdict(device, script)
  local dir = scratch.new()
  local text = run.lua(script or [[
    print(require "lunik.core".kvm.probe(10))
  ]], { mounts = ("mount -t tmpfs none %s; (cd %s; %s); mount --rbind %s /dev"):format(dir, dir,
    device, dir) })
  scratch.remove(dir)
  return text
end

describe("kvm.probe", function()
  it("says that it works, or why it does not, and leaves nothing behind", function()
    local before = run.descriptors()
    local works, why, code = core.kvm.probe(10)
    assert.equal(before, run.descriptors())
    assert.equal(errno.ECHILD, select(3, wait.wait(-1, wait.WNOHANG)))
    if works then return assert.is_true(works) end
    local reasons = {
      [errno.ENOENT] = "^no /dev/kvm$",
      [errno.EACCES] = "^no permission to open /dev/kvm$",
      [errno.EOPNOTSUPP] = "^guest code runs %d+ times slower than it should %(%d+%.%d us per turn",
    }
    assert.matches(reasons[code] or "^KVM_[A-Z_]+: ", why)
  end)

  it("gives the same verdict again", function()
    local _, _, code = core.kvm.probe(10)
    for _ = 1, 5 do assert.equal(code, (select(3, core.kvm.probe(10)))) end
  end)

  it("says when there is no device", function()
    assert.equal("nil\tno /dev/kvm\t2\n", verdict "true")
  end)

  it("says when it may not be opened", function()
    -- no device opens on a mount without them, not even for root
    assert.equal("nil\tno permission to open /dev/kvm\t13\n", verdict [[
      touch kvm
      mount --bind /dev/null kvm
      mount -o remount,bind,nodev kvm
    ]])
  end)

  it("says when the device is not KVM", function()
    assert.equal("nil\tKVM_CREATE_VM: Inappropriate ioctl for device\t25\n",
      verdict "touch kvm; mount --bind /dev/null kvm")
  end)

  it("gives up on a device that hangs", function()
    -- opening a file that is under a write lease waits for its holder, who ignores the signal
    assert.equal("nil\t/dev/kvm: no answer in time\t110\n-1\n", verdict("touch kvm", [[
      local fcntl, signal = require "posix.fcntl", require "posix.signal"
      signal.signal(29, signal.SIG_IGN)
      local fd = fcntl.open("/dev/kvm", fcntl.O_RDONLY)
      assert(fcntl.fcntl(fd, 1024, fcntl.F_WRLCK) == 0)
      print(require "lunik.core".kvm.probe(0.05))
      print(require "posix.sys.wait".wait(-1, 1) or -1)
    ]]))
  end)
end)
