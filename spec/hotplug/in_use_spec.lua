-- Asking a guest whether it uses a disk that is to go, by what QEMU and the guest answer.
local in_use = require "lunik.hotplug.in_use"

local PCI = { { devices = { { qdev_id = "root", bus = 0, slot = 2, ["function"] = 3,
  pci_bridge = { devices = { { qdev_id = "d", bus = 5, slot = 0, ["function"] = 0 } } } } } } }

-- A machine whose guest says `said` to the script; `seen` gets what it was asked with.
local function context(said, more)
  local self = { seen = {}, guest = {}, monitor = {} }
  function self.monitor.exec(_, command) return command == "query-pci" and PCI or nil end
  function self.guest.silent() return nil end
  function self.guest.run_script(_, _, arguments)
    self.seen = arguments
    return { status = 0, out = said, err = "" }
  end
  for name, fn in pairs(more or {}) do self.guest[name] = fn end
  return self
end

local function device(family)
  return { label = "data", family = family or "disk",
           remove = { { execute = "blockdev-del", arguments = { ["node-name"] = "n" } },
                      { execute = "device_del", arguments = { id = "d" } } } }
end

describe("a disk that is to go", function()
  it("is looked for where QEMU says that it is", function()
    local asked = context "end\n"
    assert.is_true(in_use.ask(asked, device()))
    assert.same({ "*/????:05:00.0/*" }, asked.seen)
  end)

  it("stays where the guest uses it, with all that does", function()
    local said = "mount vdb1 /data\nmount vdb1 /data\nswap vdb2\nheld vdb md0\nopen vdb 12 dd\n"
    assert.same({ nil, "data: the guest uses it: /dev/vdb1 is mounted at /data, /dev/vdb2 is swap, "
      .. "/dev/vdb is part of md0, dd (pid 12) has /dev/vdb open; --force takes it all the same",
      "busy" }, { in_use.ask(context(said .. "end\n"), device()) })
  end)

  it("stays where the guest says less, or something else", function()
    for said, shown in pairs { ["mount vdb1 /data\n"] = "mount vdb1 /data\\x0a", [""] = "",
                               ["\27[2J\nend\n"] = "\\x1b[2J\\x0aend\\x0a" } do
      assert.same({ nil, "data: the guest cannot be asked whether it uses it: it answers something "
        .. "else: " .. shown .. "; --force takes it all the same", "unreachable" },
        { in_use.ask(context(said), device()) })
    end
  end)

  it("shows no more of what a guest says than can be read", function()
    local said = ("mount %s %s\n"):format(("v"):rep(9000), ("/"):rep(9000)):rep(3)
    for i = 1, 900 do said = said .. ("held vdb%d \27\n"):format(i) end
    local _, why = in_use.ask(context(said .. "end\n"), device())
    assert.is_true(#why < 1000)
    assert.is_nil(why:find "\27")
  end)

  it("stays where nobody can ask the guest, and another device goes", function()
    local silent = context("", { silent = function() return "it does not answer" end })
    assert.same({ nil, "data: the guest cannot be asked whether it uses it: it does not answer; "
      .. "--force takes it all the same", "unreachable" }, { in_use.ask(silent, device()) })
    assert.is_true(in_use.ask(silent, device "device"))
  end)

  it("goes where the guest has never seen it", function()
    local unseen = context("", { silent = function() return "it does not answer" end })
    function unseen.monitor.exec(_, command) return command == "query-pci" and {} or nil end
    assert.is_true(in_use.ask(unseen, device()))
  end)

  it("is the only thing that the guest is asked about", function()
    assert.is_true(in_use.ask({}, device "nic"))
  end)
end)
