-- Hot plug against a real QEMU that is paused: what its board does for a native hot plug (pciehp)
-- it does without a guest; by ACPI a device goes only when a guest says so, or at a reset. Whatever
-- fails, nothing is left, and the table of ports is true.
local core = require "lunik.core"
local errno = require "posix.errno"
local launch = require "lunik.launch"
local loop = require "lunik.async.loop"
local lunik = require "lunik"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local wait = require "posix.sys.wait"

local NATIVE = 'qemu.global { "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off" }, '

describe("hot plug", function()
  local dir, told
  before_each(function()
    dir, told = scratch.new(), {}
    for _, name in ipairs { "a", "b", "c" } do stat.mkdir(dir .. "/" .. name, 448) end
  end)
  after_each(function()
    scratch.remove(dir)
    -- nothing that was started is still there, or was left to be reaped
    assert.equal(errno.ECHILD, select(3, wait.wait(-1, wait.WNOHANG)) or "a child")
  end)

  -- Runs `fn(vm, loop)` with a machine of these items, and ends it.
  local function with(items, fn, options)
    local recipe = scratch.write(dir .. "/vm.lua", ([[return machine { name = "t", accel = "tcg",
      memory = "128M", %s
      hotplug { ports = 3, memory = "1G", cpus = 4, scsi = true, usb = true } }]]):format(items))
    local host = setmetatable({ runtime = dir .. "/run", state = dir .. "/state" },
                              { __index = require "lunik.host" })
    local plan, problems = lunik.plan(recipe, { host = host })
    assert(plan, plan or lunik.text(problems))
    local l <close> = loop.new()
    options = options or {}
    options.paused = true
    options.tell = function(kind, text) told[#told + 1] = kind .. ": " .. text end
    l:run(function()
      local vm = assert(launch.start(plan, l, options))
      local ok, why = xpcall(fn, debug.traceback, vm, l)
      vm:qmp "quit"
      assert(vm:wait(60))
      assert(ok, why)
    end)
    assert.is_nil(stat.stat(dir .. "/run"))
  end

  local function labels(vm)
    local list = {}
    for _, port in ipairs(assert(vm:slots())) do
      if port.port then list[#list + 1] = port.label or port.id or "-" end
    end
    return table.concat(list, " ")
  end

  -- What QEMU has beside what it had at its start.
  local function extra(vm)
    local list = {}
    for _, each in ipairs(vm:qmp "query-chardev") do
      if each.label:find "^fs%-" then list[#list + 1] = "chardev " .. each.label end
    end
    for _, each in ipairs(vm:qmp("qom-list", { path = "/machine/peripheral" })) do
      if each.type:find "vhost%-user%-fs" then list[#list + 1] = "device " .. each.name end
    end
    for _, each in ipairs(vm:qmp("qom-list", { path = "/objects" })) do
      if each.name ~= "type" and each.name ~= "mem" then
        list[#list + 1] = "object " .. each.name
      end
    end
    for _, each in ipairs(vm:qmp "query-named-block-nodes") do
      list[#list + 1] = "node " .. each["node-name"]
    end
    return list
  end

  local function nothing(vm)
    assert.same({}, extra(vm))
    assert.same({}, vm.helpers)
    assert.equal("- - -", labels(vm))
    assert.same({}, vm.hotplug.devices)
  end

  it("mounts and unmounts", function()
    with(NATIVE, function(vm)
      local one = assert(vm:mount { from = dir .. "/a" })
      assert.same({ "a", "virtiofs", dir .. "/a", "hotplug0", "by hand", true, false },
                  { one.tag, one.type, one.from, one.port, one.state, one.hot, one.readonly })
      assert.same({ "chardev fs-a", "device fs-a" }, extra(vm))
      assert(vm:mount { from = dir .. "/b", readonly = true })
      assert.equal("a b -", labels(vm))
      assert.is_true(vm:unmount "a")
      assert.equal("- b -", labels(vm))
      assert(vm:mount { from = dir .. "/c" })
      assert.equal("c b -", labels(vm))
      assert.is_true(vm:unmount(dir .. "/b"))
      assert.is_true(vm:unmount "fs-c")
      nothing(vm)
    end)
  end)

  it("takes a path as relative to the recipe's folder", function()
    with(NATIVE, function(vm)
      assert.equal(dir .. "/a", assert(vm:mount { from = "a" }).from)
      assert.same({ nil, "mount.from: no such directory 'zzzzz'", "invalid" },
                  { vm:mount { from = "zzzzz" } })
    end)
  end)

  it("says what is wrong with a request, and begins nothing", function()
    with(NATIVE, function(vm)
      for why, fields in pairs {
        ["mount.from: required: a path"] = {},
        ["mount.form: no such field; did you mean 'from'?"] = { from = dir, form = 1 },
        ["mount.readonly: true or false expected, got 'yes'"] = { from = dir, readonly = "yes" },
        [("mount.tag: '%s' has 37 bytes; a virtiofs tag has at most 36"):format(("x"):rep(37))] =
          { from = dir, tag = ("x"):rep(37) },
        ["mount: a 9p mount cannot come while the machine runs: QEMU takes its directory at the "
         .. "start only; kind = \"virtiofs\" can"] = { from = dir, kind = "9p" },
        ["mount.kind: no mount of kind 'nfs'; there are: virtiofs, 9p"] =
          { from = dir, kind = "nfs" },
        ["mount: no port named 'hotplug9'"] = { from = dir, port = "hotplug9" },
        ["mount.posix_acl: takes xattr = true: ACLs are extended attributes"] =
          { from = dir, posix_acl = true, xattr = false },
      } do
        local ok, reason = vm:mount(fields)
        assert.is_nil(ok)
        assert.equal(why, reason:match "[^\n]*$")
      end
      assert.same({ nil, "nothing that can be unplugged is called 'x'", "missing" },
                  { vm:unmount "x" })
      nothing(vm)
    end)
  end)

  it("refuses a tag that is taken, and says by what", function()
    with(NATIVE .. ("mount { from = %q, tag = 'a' },"):format(dir .. "/a"), function(vm)
      assert.same({ nil, ("mount: 'a' is taken by the mount %s/a"):format(dir), "taken" },
                  { vm:mount { from = dir .. "/b", tag = "a" } })
      assert(vm:mount { from = dir .. "/b", tag = "b" })
      assert.same({ nil, ("mount: 'b' is taken by the mount %s/b"):format(dir), "taken" },
                  { vm:mount { from = dir .. "/c", tag = "b" } })
      assert.equal("a b - -", labels(vm))
    end)
  end)

  it("says who has the ports when none is left", function()
    with(NATIVE .. ("mount { from = %q, tag = 'boot' },"):format(dir .. "/a"), function(vm)
      for _, tag in ipairs { "x", "y", "z" } do
        assert(vm:mount { from = dir .. "/b", tag = tag })
      end
      assert.same({ nil, "mount: 3 of 3 ports in use: x (mount), y (mount), z (mount); set "
                    .. "hotplug.ports = 8 and restart", "taken" },
                  { vm:mount { from = dir .. "/c" } })
    end)
  end)

  it("sees what others plug and unplug behind its back", function()
    with(NATIVE, function(vm)
      assert(vm:qmp("device_add", { driver = "virtio-rng-pci", id = "theirs", bus = "hotplug0",
                                    addr = "0" }))
      assert.equal("hotplug1", assert(vm:mount { from = dir .. "/a" }).port)
      vm:qmp("device_del", { id = "theirs" })
      assert.equal("hotplug0", assert(vm:mount { from = dir .. "/b" }).port)
    end)
  end)

  it("notices that somebody else has unplugged what it had plugged", function()
    with(NATIVE, function(vm, l)
      assert(vm:mount { from = dir .. "/a" })
      assert(vm:qmp("device_del", { id = "fs-a" }))
      while #vm:mounts() > 0 do l:sleep(0.01) end
      nothing(vm)
      assert.matches("device: a: was unplugged by somebody else, and is taken back",
                     table.concat(told, "\n"))
    end)
  end)

  -- Everything that a plug asks of QEMU, refused one after the other.
  for _, step in ipairs { "query-pci", "getfd", "chardev-add", "device_add" } do
    it("takes everything back when QEMU refuses " .. step, function()
      with(NATIVE, function(vm)
        local exec = vm.monitor.exec
        function vm.monitor.exec(self, command, ...)
          if command == step then return nil, "no, says the spec", "GenericError" end
          return exec(self, command, ...)
        end
        local ok, why = vm:mount { from = dir .. "/a" }
        assert.is_nil(ok)
        assert.matches("no, says the spec", why, 1, true)
        vm.monitor.exec = nil
        nothing(vm)
        assert(vm:mount { from = dir .. "/a" })
      end)
    end)
  end

  it("takes a disk's nodes back when its device is refused", function()
    local image = dir .. "/d.raw"
    scratch.write(image, ("\0"):rep(1 << 20))
    with(NATIVE, function(vm)
      local device = assert(vm:plug("disk", { file = image, format = "raw" }))
      assert.same({ "d", "disk", "hotplug0" }, { device.id, device.family, device.port })
      assert.same({ nil, "disk: 'd' is taken by the disk of that id", "taken" },
                  { vm:plug("disk", { file = image, format = "raw" }) })
      local ok, why = vm:plug("disk", { file = image, format = "raw", id = "again" })
      assert.is_nil(ok)
      assert.matches('Failed to get "write" lock', why, 1, true)
      assert.same({ "node d", "node d-file" }, extra(vm))
      assert(vm:unplug "d")
      nothing(vm)
    end)
  end)

  -- Kills or stops a mount's daemon when QEMU is about to be asked for `step`.
  local function at(vm, step, signal)
    local exec = vm.monitor.exec
    function vm.monitor.exec(self, command, ...)
      if command == step then
        vm.monitor.exec = nil
        for _, device in ipairs(vm.hotplug.devices) do
          device.running:signal(signal)
          if signal == 9 then device.running.ended:wait(60) end
        end
      end
      return exec(self, command, ...)
    end
  end

  for _, step in ipairs { "getfd", "chardev-add", "device_add" } do
    it("says so when the daemon dies before " .. step, function()
      with(NATIVE, function(vm)
        at(vm, step, 9)
        local ok, why = vm:mount { from = dir .. "/a" }
        assert.is_nil(ok)
        assert.matches("helper fs%-a: killed by signal 9", why)
        nothing(vm)
      end)
    end)
  end

  it("says so when the daemon dies while the guest mounts", function()
    with(NATIVE, function(vm, l)
      function vm.guest.settle() l:sleep(60) end
      l:spawn("death", function()
        while not vm.helpers[1] do l:sleep(0.001) end
        vm.helpers[1]:signal(9)
      end)
      local ok, why = vm:mount { from = dir .. "/a", to = "/a" }
      assert.is_nil(ok)
      assert.matches("helper fs%-a: killed by signal 9", why)
      nothing(vm)
    end)
  end)

  it("waits for a guest as long as that is not paused, and no longer", function()
    with(NATIVE, function(vm, l)
      vm.guest.agent, vm.paused = { lost = function() end }, false
      function vm.guest.settle()
        vm.paused = true
        vm.guest:stopped()
        l:sleep(60)
      end
      local device = assert(vm:mount { from = dir .. "/a", to = "/a" })
      assert.equal("the machine is paused: lunik resume t", device.later)
      vm.guest.agent = nil
      assert.is_true(vm:unmount "a")
      nothing(vm)
    end)
  end)

  it("gives one of two that are asked for at once what both want", function()
    with(NATIVE, function(vm, l)
      local answers = {}
      for i = 1, 2 do
        l:spawn("asker", function()
          local answer = { vm:mount { from = dir .. "/a", port = "hotplug" .. i } }
          answers[#answers + 1] = answer
        end)
      end
      while #answers < 2 do l:sleep(0.01) end
      if answers[1][1] then answers[1], answers[2] = answers[2], answers[1] end
      assert.same({ nil, ("mount: 'a' is taken by the mount %s/a"):format(dir), "taken" },
                  answers[1])
      local port = answers[2][1].port
      assert.equal(port == "hotplug1" and "- a -" or "- - a", labels(vm))
      assert(vm:unmount "a")
      nothing(vm)
    end)
  end)

  it("frees QEMU when the daemon never answers", function()
    with(NATIVE, function(vm, l)
      at(vm, "device_add", 19)
      local began = l.now()
      local ok, why, code = vm:mount { from = dir .. "/a" }
      assert.same({ nil, "timeout" }, { ok, code })
      assert.matches("device_add: no answer in time", why)
      assert.is_true(l.now() - began < 15)
      assert(vm:qmp "query-status")
      nothing(vm)
    end)
  end)

  it("takes the device away when the daemon dies, and says so", function()
    with(NATIVE, function(vm, l)
      assert(vm:mount { from = dir .. "/a" })
      assert(vm:mount { from = dir .. "/b" })
      vm.helpers[1]:signal(9)
      while vm:mounts()[1].state ~= "dead" do l:sleep(0.01) end
      assert.same({ "a", "b" }, { vm:mounts()[1].tag, vm:mounts()[2].tag })
      assert.same({ "chardev fs-b", "device fs-b" }, extra(vm))
      assert.equal("- b -", labels(vm))
      assert(vm:mount { from = dir .. "/a" })
      assert.equal("a b -", labels(vm))
      assert.equal(2, #vm:mounts())
      l:sleep(0.6)
      local text = table.concat(told, "\n")
      assert.matches("problem: helper fs%-a: killed by signal 9.*the mount 'a' is taken", text)
    end)
  end)

  it("gives a guest that restarts what it had lost with its daemon", function()
    for _, native in ipairs { NATIVE, "" } do
      with(native, function(vm, l)
        assert(vm:plug("mount", { from = dir .. "/a", readonly = "true" }, { text = true }))
        vm.helpers[1]:signal(9)
        while vm.hotplug.devices[1].state == "plugged" do l:sleep(0.01) end
        if native ~= "" then
          while vm.hotplug.devices[1].state ~= "dead" do l:sleep(0.01) end
        else
          -- nobody lets go of it before the reset
          while vm.hotplug.devices[1].state ~= "lost" do l:sleep(0.05) end
        end
        assert(vm:qmp "system_reset")
        while not (vm:device "fs-a" and vm:device "fs-a".state == "plugged") do l:sleep(0.01) end
        assert.same({ 1, true, false }, { #vm:mounts(), vm:mounts()[1].readonly,
                                          vm.helpers[1].ended:is_set() })
        assert.equal("a - -", labels(vm))
      end)
    end
  end)

  it("stops the machine when a daemon's death is to do that", function()
    with(NATIVE, function(vm)
      assert(vm:mount { from = dir .. "/a", on_death = "stop" })
      vm.helpers[1]:signal(9)
      assert.not_equal(0, assert(vm:wait(60)).code)
      assert.matches("the daemon of the mount 'a' died", table.concat(told, "\n"))
    end)
  end)

  it("keeps the port of a device that the guest does not let go of, until it does", function()
    with("", function(vm, l)
      assert(vm:mount { from = dir .. "/a" })
      local ok, why, code = vm:unmount("a", { seconds = 0.3 })
      assert.same({ nil, "the guest does not let go of it within 0.3 seconds; it goes when the "
                    .. "guest lets go of it, or at a reset", "timeout" }, { ok, why, code })
      assert.same({ "unplugging", "a" }, { vm:slots()[1].state, vm:slots()[1].label })
      assert.equal("hotplug1", assert(vm:mount { from = dir .. "/b" }).port)
      assert.same({ "chardev fs-a", "chardev fs-b", "device fs-a", "device fs-b" }, (function()
        local list = extra(vm)
        table.sort(list)
        return list
      end)())
      assert(vm:qmp "system_reset")
      while #vm:mounts() > 1 do l:sleep(0.01) end
      assert.equal("- b -", labels(vm))
      assert.same({ "chardev fs-b", "device fs-b" }, extra(vm))
      assert.equal("hotplug0", assert(vm:mount { from = dir .. "/a" }).port)
    end)
  end)

  it("binds the forwards of a card, and forgets them with it", function()
    with(NATIVE, function(vm)
      assert(vm:plug("nic", { id = "card", forward = { web = 80 } }))
      local port = assert(vm:forward "web")
      assert.is_true(port > 0)
      assert.same({ "web", 80 }, { vm:forwards()[1].name, vm:forwards()[1].guest })
      assert.is_true(assert(vm:add_forward { guest = 22, name = "ssh" }).port > 0)
      assert.same({ nil, "nic.forward: the name 'web' is taken", "taken" },
                  { vm:plug("nic", { id = "other", forward = { web = 81 } }) })
      assert.equal("card - -", labels(vm))
      assert(vm:unplug "card")
      assert.same({}, vm:forwards())
      assert.is_nil((vm:add_forward { guest = 22 }))
      nothing(vm)
    end)
  end)

  it("takes a node only by a name that it can be taken away by", function()
    with(NATIVE, function(vm)
      assert.same({ nil, "blockdev.node-name: required: a name to take it away by", "invalid" },
                  { vm:plug("blockdev", { driver = "null-co" }) })
      assert(vm:plug("blockdev", { driver = "null-co", ["node-name"] = "nowhere" }))
      assert.same({ "node nowhere" }, extra(vm))
      assert(vm:unplug "nowhere")
      nothing(vm)
    end)
  end)

  it("refuses what the sandbox would kill QEMU for", function()
    with(NATIVE, function(vm)
      local none, why = vm:plug("netdev",
        { "user", id = "n", guestfwd = "tcp:10.0.2.9:80-cmd:cat" })
      assert.is_nil(none)
      assert.matches("^netdev.guestfwd: QEMU would start a program, and its sandbox kills it", why)
      assert(vm:plug("netdev", { "user", id = "n" }))
      assert(vm:unplug "n")
      nothing(vm)
    end)
  end)

  it("sees a node's file from the recipe's folder", function()
    scratch.write(dir .. "/n.img", ("\0"):rep(4096))
    with(NATIVE, function(vm)
      local node = { driver = "file", node_name = "n", filename = "m.img" }
      local none, why = vm:plug("blockdev", node)
      assert.is_nil(none)
      assert.equal("blockdev.filename: no such file 'm.img'; did you mean 'n.img'?", why)
      assert(vm:plug("blockdev", { driver = "file", ["node-name"] = "n", filename = "n.img" }))
      assert.equal(dir .. "/n.img", vm:qmp("query-named-block-nodes")[1].file)
      assert(vm:unplug "n")
      nothing(vm)
    end)
  end)

  it("cuts off a card that the guest does not let go of, when forced", function()
    with("", function(vm, l)
      assert(vm:plug("nic", { id = "card" }))
      assert.is_nil((vm:unplug("card", { seconds = 0.1, force = true })))
      assert.same({ nil, "Device 'card' not found", "DeviceNotFound" },
                  { vm:qmp("netdev_del", { id = "card" }) })
      assert.equal("unplugging", vm:slots()[1].state)
      assert(vm:qmp "system_reset")
      while vm:device "card" do l:sleep(0.01) end
      nothing(vm)
    end)
  end)

  it("is not done twice at once", function()
    with("", function(vm, l)
      assert(vm:mount { from = dir .. "/a" })
      l:spawn("first", function() vm:unmount("a", { seconds = 0.5 }) end)
      l:sleep(0.05)
      assert.same({ nil, "'a' is just being unplugged", "busy" }, { vm:unmount "a" })
    end)
  end)

  it("is asked for once more by itself where the guest has not let go of it in time", function()
    local image = dir .. "/d.raw"
    scratch.write(image, ("\0"):rep(1 << 20))
    with("", function(vm, l)
      assert(vm:plug("disk", { file = image, format = "raw" }))
      assert.equal("timeout", select(3, vm:unplug("d", { seconds = 0.1 })))
      assert.equal("stuck", vm.hotplug:find "d".state)
      while vm.hotplug:find "d".state == "stuck" do l:sleep(0.05) end
      assert.equal("unplugging", vm.hotplug:find "d".state)
      assert(vm:qmp "system_reset")
      while vm.hotplug:find "d" do l:sleep(0.01) end
      nothing(vm)
    end)
  end)

  it("is taken back once when it goes while it is asked for again", function()
    local image = dir .. "/d.raw"
    scratch.write(image, ("\0"):rep(1 << 20))
    with("", function(vm, l)
      assert(vm:plug("disk", { file = image, format = "raw" }))
      assert.equal("timeout", select(3, vm:unplug("d", { seconds = 0.1 })))
      assert.equal("stuck", vm.hotplug:find "d".state)
      local answer
      l:spawn("again", function() answer = table.pack(vm:unplug "d") end)
      while vm.hotplug:find "d".state ~= "unplugging" do l:sleep(0.001) end
      assert(vm:qmp "system_reset")
      while not answer do l:sleep(0.01) end
      assert.same({ true, n = 1 }, answer)
      nothing(vm)
    end)
  end)

  -- A guest that is asked to unmount, and does not; `meanwhile` is called before it says so.
  local function holds_on(vm, meanwhile)
    function vm.guest.reachable() return true end
    vm.guest.alive, vm.paused = true, false
    function vm.guest.unmount(_, _, force)
      if force then return true end
      meanwhile()
      return nil, "sh has it open", true
    end
  end

  it("stays plugged when the guest uses it, and says so", function()
    with(NATIVE, function(vm)
      assert(vm:mount { from = dir .. "/a" })
      local state
      holds_on(vm, function() state = vm.hotplug:find "a".state end)
      assert.same({ nil, "a: sh has it open; --force unmounts it all the same", "busy" },
                  { vm:unmount "a" })
      assert.same({ "leaving", "plugged" }, { state, vm.hotplug:find "a".state })
      assert.is_true(vm:unmount("a", { force = true }))
      nothing(vm)
    end)
  end)

  it("is dealt with when its daemon dies while the guest is asked to let go", function()
    with(NATIVE, function(vm, l)
      assert(vm:mount { from = dir .. "/a" })
      holds_on(vm, function()
        local helper = vm.helpers[1]
        helper:signal(9)
        helper.ended:wait(60)
        l:sleep(0.05)
      end)
      assert.equal("busy", select(3, vm:unmount "a"))
      while vm.hotplug:find "a".state ~= "dead" do l:sleep(0.01) end
      assert.same({}, extra(vm))
      assert.is_nil((vm:device "fs-a"))
      assert.is_true(vm:unmount "a")
      nothing(vm)
    end)
  end)

  it("is kept for the next start while its daemon dies, and not when it is unplugged", function()
    local seen = {}
    with(NATIVE, function(vm, l)
      stat.mkdir(vm.plan.state, 448)
      vm.plan.hotplug.keep, vm.plan.kept = true, true
      local function kept()
        return #core.json.decode(scratch.read(vm.plan.state .. "/mounts.json")).mounts
      end
      local record = vm.context.devices
      function vm.context.devices()
        local device = vm.hotplug.devices[1]
        if device then l:spawn("look", function() seen[device.state] = kept() end) end
        return record()
      end
      assert(vm:mount { from = dir .. "/a" })
      vm.helpers[1]:signal(9)
      while vm.hotplug.devices[1].state ~= "dead" do l:sleep(0.01) end
      assert.equal(1, kept())
      assert.is_true(vm:unmount "a")
      assert.equal(0, kept())
      assert(vm:mount { from = dir .. "/b" })
      assert(vm:unmount "b")
      assert.same({ 0, 1 }, { seen.unplugging, seen.dying })
    end)
  end)

  it("does not come to a machine that is ending", function()
    with(NATIVE, function(vm)
      assert(vm.hotplug:close())
      assert.same({ nil, "the machine is stopping", "ended" }, { vm:mount { from = dir .. "/a" } })
    end)
  end)

  it("goes on when whoever asked for it has gone", function()
    with(NATIVE, function(vm, l)
      local task = l:spawn("asker", function() vm:mount { from = dir .. "/a" } end)
      while #vm.hotplug.devices == 0 do l:sleep(0.001) end
      task:cancel()
      while vm.hotplug.devices[1].state ~= "plugged" do l:sleep(0.01) end
      assert.same({ "chardev fs-a", "device fs-a" }, extra(vm))
    end)
  end)

  it("types any device by QEMU's own word", function()
    with(NATIVE, function(vm)
      local device = assert(vm:plug("device", { driver = "virtio-rng-pci", ["max-bytes"] = "1024",
                                                period = "1000", id = "rng" }))
      assert.equal("hotplug0", device.port)
      assert.equal(1024, vm:qmp("qom-get", { path = "/machine/peripheral/rng",
                                             property = "max-bytes" }))
      for why, fields in pairs {
        ["device.driver: no device 'virtio-rgn-pci'; did you mean 'virtio-rng-pci'?"] =
          { driver = "virtio-rgn-pci" },
        ["device.max-byte: virtio-rng-pci has no such property; did you mean 'max-bytes'?"] =
          { driver = "virtio-rng-pci", ["max-byte"] = 1 },
        ["device.driver: 'virtio-gpu-gl-pci' cannot come while the machine runs"] =
          { driver = "virtio-gpu-gl-pci" },
      } do
        local refusal = why:find "cannot come" and "unsupported" or "invalid"
        assert.same({ nil, why, refusal }, { vm:plug("device", fields) })
      end
      assert(vm:plug("chardev", { "null", id = "c" }))
      assert(vm:plug("object", { "rng-random", id = "o", filename = "/dev/urandom" }))
      assert.same({ "object o" }, extra(vm))
      assert(vm:unplug "c")
      assert(vm:unplug "o")
      assert(vm:unplug "rng")
      nothing(vm)
    end)
  end)

  it("plugs what has no port of its own", function()
    with(NATIVE, function(vm)
      local image = dir .. "/d.raw"
      scratch.write(image, ("\0"):rep(1 << 20))
      for family, fields in pairs { usb = { model = "usb-tablet" }, cpu = {},
                                    disk = { file = image, format = "raw", bus = "scsi" },
                                    memory = { size = "128M" } } do
        assert.is_nil(assert(vm:plug(family, fields)).port, family)
      end
      assert.equal("- - -", labels(vm))
      assert.equal(4, #vm.hotplug.devices)
      local listed = {}
      for _, slot in ipairs(vm:slots()) do
        if not slot.port then listed[slot.id] = slot.family .. " " .. slot.state end
      end
      for id in pairs(listed) do assert(vm:device(id), id) end
      assert.equal(4, #require "lunik.text.sorted"(listed))
      local status = require "lunik.vm.status".of(vm)
      assert.same({ 2, (128 + 128) << 20 }, { status.cpus, status.memory.configured })
    end)
  end)

  it("makes ids that do not count what failed, nor what has an id", function()
    with(NATIVE, function(vm)
      local image = dir .. "/d.raw"
      scratch.write(image, ("\0"):rep(1 << 20))
      assert.is_nil((vm:plug("cpu", { id = "first", nonsense = 1 })))
      assert.is_nil((vm:plug("memory", {})))
      assert.equal("mem-p1", assert(vm:plug("memory", { size = "128M" })).id)
      assert.equal("mine", assert(vm:plug("cpu", { id = "mine" })).id)
      assert.equal("cpu-p1", assert(vm:plug("cpu", {})).id)
      for i = 1, 2 do assert.equal("net-p" .. i, assert(vm:plug("nic", {})).id) end
      assert.equal("usb-p4", assert(vm:plug("usb", { id = "usb-p4" })).id)
      assert.equal("usb-p5", assert(vm:plug("usb", {})).id)
      assert(vm:unplug "usb-p5")
      assert.equal("usb-p6", assert(vm:plug("usb", {})).id)
    end)
  end)

  it("makes ids at once that are no other's", function()
    with(NATIVE, function(vm, l)
      local tasks, ids = {}, {}
      for i = 1, 3 do
        tasks[i] = l:spawn("plug", function() return assert(vm:plug("usb", {})).id end)
      end
      for i, task in ipairs(tasks) do ids[i] = select(2, task:join()) end
      table.sort(ids)
      assert.same({ "usb-p1", "usb-p2", "usb-p3" }, ids)
    end)
  end)

  it("says when a mount's directory is no more the one at its path", function()
    with(NATIVE, function(vm)
      assert.equal("by hand", assert(vm:mount { from = dir .. "/a", to = "/a" }).state)
      scratch.remove(dir .. "/a")
      assert.equal("stale", vm:mounts()[1].state)
      stat.mkdir(dir .. "/a", 448)
      assert.equal("stale", vm:mounts()[1].state)
      assert.matches("^another directory lies at its path", vm:mounts()[1].why)
    end)
  end)

  it("says what the machine was started without", function()
    local recipe = 'type = "q35", '
    with(recipe, function(vm)
      vm.plan.needs.grow_memory, vm.plan.needs.usb = nil, nil
      assert.same({ nil, "memory: the machine was started without room for more memory: add "
        .. 'hotplug { memory = "8G" } to its recipe and restart', "unsupported" },
        { vm:plug("memory", { size = "128M" }) })
      assert.same({ nil, "usb: the machine was started without a USB controller: add hotplug { "
        .. "usb = true } to its recipe and restart", "unsupported" }, { vm:plug("usb", {}) })
    end)
  end)

  it("lets a policy leave alone what it does not know", function()
    local policies = { { family = "any", at = "vm.lua:1", fn = function(_, m)
      if m.id == "double" then m.size = { bytes = 2 * m.size } end
      return m
    end } }
    with(NATIVE, function(vm)
      for id, size in pairs { plain = 128 << 20, double = 256 << 20 } do
        assert(vm:plug("memory", { size = "128M", id = id }))
        assert.equal(size, vm:qmp("qom-get", { path = "/machine/peripheral/" .. id,
                                               property = "size" }))
      end
    end, { policies = policies })
  end)

  it("plugs nothing into a machine whose save has begun while a policy was asked", function()
    local machine
    local policies = { { family = "mount", at = "vm.lua:1", fn = function(_, m)
      machine.saving = true
      return m
    end } }
    with("", function(vm)
      machine = vm
      assert.same({ nil, "mount: the machine is just being saved", "busy" },
                  { vm:mount { from = dir .. "/a" } })
      assert.same({}, extra(vm))
      machine.saving = nil
      assert.equal("- - -", labels(vm))
    end, { policies = policies })
  end)

  it("asks policies first: they edit, place and refuse", function()
    local seen = {}
    local policies = {
      { family = "mount", at = "vm.lua:1", fn = function(_, m)
        seen[#seen + 1] = ("%s %s"):format(m.family, m.real)
        if m.real:find "/b$" then return nil, "not b" end
        m.readonly, m.port = true, "hotplug2"
        return m
      end },
      { family = "any", at = "vm.lua:2", fn = function(_, m)
        if m.family == "usb" and m.id == "silent" then return end
        if m.family == "usb" then return false end
        if m.tag == "raises" then error "oh" end
        if m.tag == "nonsense" then m.from = "/nope" end
        return m
      end },
    }
    with(NATIVE, function(vm)
      local one = assert(vm:mount { from = dir .. "/a" })
      assert.same({ true, "hotplug2" }, { one.readonly, one.port })
      assert.same({ nil, "refused by the policy at vm.lua:1: not b", "refused" },
                  { vm:mount { from = dir .. "/b" } })
      assert.same({ nil, "refused by the policy at vm.lua:2: no reason given", "refused" },
                  { vm:plug("usb", {}) })
      assert.same({ nil, "refused by the policy at vm.lua:2: it returned nothing, and "
        .. "`return true` lets a request pass", "refused" }, { vm:plug("usb", { id = "silent" }) })
      local ok, why = vm:mount { from = dir .. "/a", tag = "raises" }
      assert.is_nil(ok)
      assert.matches("^vm.lua:2: the policy failed: .*oh", why)
      assert.same({ nil, "after the policy at vm.lua:2: mount.from: no such directory '/nope'",
                    "invalid" },
                  { vm:mount { from = dir .. "/a", tag = "nonsense" } })
      assert.same({ "mount " .. dir .. "/a", "mount " .. dir .. "/b", "mount " .. dir .. "/a",
                    "mount " .. dir .. "/a" }, seen)
      assert.is_true(vm:unmount "a")
      nothing(vm)
    end, { policies = policies })
  end)

  it("keeps nothing of fifty rounds", function()
    with(NATIVE, function(vm)
      local function round(i)
        assert(vm:mount { from = dir .. "/a", tag = "t" .. i })
        assert(vm:unmount("t" .. i))
      end
      for i = 1, 10 do round(i) end
      collectgarbage()
      collectgarbage()
      local open, heap = #scratch.list "/proc/self/fd", collectgarbage "count"
      for i = 1, 50 do round(i) end
      collectgarbage()
      collectgarbage()
      assert.equal(open, #scratch.list "/proc/self/fd")
      assert.is_true(collectgarbage "count" - heap < 128, "the heap grows")
      nothing(vm)
    end)
  end)
end)
