-- SPDX-License-Identifier: MIT
-- What the installed QEMU knows: asked once, kept in one file, read in pieces.
local errno = require "posix.errno"
local facts = require "lunik.host.facts"
local gather = require "lunik.host.caps.gather"
local host = require "lunik.host"
local lunik = require "lunik"
local resource = require "posix.sys.resource"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"
local probe = require "lunik.host.caps.probe"
local run = require "support.run"
local scratch = require "support.scratch"
local stdlib = require "posix.stdlib"
local store = require "lunik.host.caps.store"
local wait = require "posix.sys.wait"

local dir

before_each(function() dir = scratch.new() end)
after_each(function() scratch.remove(dir) end)

-- A directory that stands first in PATH, and a cache of its own.
local function isolated()
  local path, cache = os.getenv "PATH", facts.cache
  stdlib.setenv("PATH", dir .. ":" .. path)
  facts.cache = dir .. "/cache"
  return setmetatable({}, { __close = function()
    stdlib.setenv("PATH", path)
    facts.cache = cache
  end })
end

-- A QEMU that is a shell script.
local function script(text)
  return scratch.write(dir .. "/qemu-system-x86_64", "#!/bin/sh\n" .. text, tonumber("755", 8))
end

local real = host.program "qemu-system-x86_64"

-- The real one, which notes in `started` that it was started.
local function noting(rest)
  return script(("echo >> %s/started\n%sexec %s \"$@\"\n"):format(dir, rest or "", real))
end

local function started()
  return host.kind(dir .. "/started") and #scratch.read(dir .. "/started") or 0
end

local function kept()
  local list = {}
  for name in require "posix.dirent".files(facts.cache) do
    if name:find "^caps" then list[#list + 1] = facts.cache .. "/" .. name end
  end
  return list
end

-- A caps function that has asked nobody yet: as a process of its own would have it.
local function fresh()
  package.loaded["lunik.host.caps"] = nil
  local caps = require "lunik.host.caps"
  package.loaded["lunik.host.caps"] = host.caps
  return caps
end

describe("what a QEMU knows", function()
  it("is the properties of drivers, by their aliases too, object types and boards", function()
    local caps = assert(host.caps(real))
    local disk = caps:properties("device", "virtio-blk-pci")
    assert.equal("slot", disk.addr[2])
    assert.same({ "multifunction", "bool", "false", "", "on/off" }, disk.multifunction)
    assert.equal("on|off|auto", disk["disable-legacy"][4])
    assert.same(disk, caps:properties("device", "virtio-blk"))
    assert.same({ "virtio-blk-pci", "PCI", "both", "yes" },
      { table.unpack(caps:section("device", "virtio-blk")[1], 1, 4) })
    assert.equal("pcie", caps:section("device", "pcie-root-port")[1][3])
    assert.equal("", caps:section("device", "mch")[1][4])
    assert.is_table(caps:properties("object", "rng-random").filename)
    assert.is_table(caps:properties("machine", "q35").vmport)
    assert.equal("288", caps:section("machine", "q35")[1][2])
    assert.is_table(caps:properties("feature", "-").svm)
  end)

  it("is what there is, and false for what there is not", function()
    local caps = assert(host.caps(real))
    for kind, name in pairs { device = "virtio-rng-pci", object = "rng-random", machine = "q35",
      cpu = "Haswell", option = "hdb", command = "device_add", event = "SHUTDOWN",
      abstract = "pci-device" } do
      assert.is_false(caps:section(kind, "no-such"))
      assert.is_table(caps:section(kind, name))
      assert.matches(" " .. name:gsub("%-", "%%-") .. " ",
        " " .. table.concat(caps:names(kind), " ") .. " ")
    end
    assert.matches(" none .*egl%-headless ", " " .. table.concat(caps:backends "display", " ")
      .. " ")
    assert.matches(" user ", " " .. table.concat(caps:backends "netdev", " ") .. " ")
    assert.matches("^%d+%.%d+%.%d+$", (caps:version()))
  end)

  it("is told of what ends a QEMU that looks at it as far as its help does", function()
    local caps = assert(host.caps(real))
    assert.is_table(caps:properties("object", "x-remote-object").fd)
    local gl = caps:section("device", "virtio-gpu-gl-pci")
    assert.is_true(gl == false or #gl > 1)
    assert.is_table(caps:properties("machine", "microvm").acpi)
    assert.is_table(caps:section("device", "virtio-rng-pci"))
  end)

  it("survives a question that ends it, or is never answered", function()
    local answers, hung = {}, os.time()
    local function take(name) return function() answers[#answers + 1] = name end end
    local questions = { { "query-version", take = take "version" },
      { "qom-list-properties", { typename = "colo-compare" }, take = take "compare" },
      { "quit", take = take "quit" }, { "query-kvm", take = take "kvm" },
      { "no-such-command", take = take "none" }, { "query-target", take = take "target" } }
    assert(probe.ask(real, questions))
    assert.same({ "version", "quit", "target" }, answers)
    assert.is_true(questions[2].fatal and questions[4].fatal)
    assert.equal("CommandNotFound", questions[5].error)
    assert.is_true(os.time() - hung < 60)
  end)

  it("is asked once, and anew of another binary in its place", function()
    local _ <close> = isolated()
    local path = noting()
    local first = assert(fresh()(path))
    local asked = started()
    assert.is_true(asked > 1)
    assert.equal(1, #kept())
    assert.same(first:section("device", "virtio-rng-pci"),
      assert(fresh()(path)):section("device", "virtio-rng-pci"))
    assert.equal(asked, started())
    os.remove(path)
    noting "# another\n"
    assert(fresh()(path))
    assert.equal(2 * asked, started())
    assert.equal(1, #kept())
  end)

  it("is asked anew where the file was cut, or a byte of what is read was changed", function()
    local _ <close> = isolated()
    local path = noting()
    local wanted = assert(fresh()(path)):section("device", "virtio-rng-pci")
    local asked, file = started(), kept()[1]
    local text = scratch.read(file)
    scratch.write(file, text:sub(1, #text // 2))
    assert.same(wanted, assert(fresh()(path)):section("device", "virtio-rng-pci"))
    assert.equal(2 * asked, started())
    local at = text:find("max-bytes", text:find("virtio-rng-pci\tPCI", 1, true), true)
    scratch.write(file, text:sub(1, at - 1) .. "min" .. text:sub(at + 3))
    assert.same(wanted, assert(fresh()(path)):section("device", "virtio-rng-pci"))
    assert.equal(3 * asked, started())
  end)

  it("keeps the answers of eight binaries", function()
    local _ <close> = isolated()
    assert(os.execute("mkdir -p -m 700 " .. dir .. "/cache"))
    for i = 1, 12 do scratch.write(dir .. "/cache/caps-old-" .. i, "x") end
    assert(fresh()(real))
    assert.equal(8, #kept())
  end)

  it("is asked each time where the cache cannot be written, or is another's", function()
    local _ <close> = isolated()
    facts.cache = "/proc/lunik"
    assert.is_table(assert(fresh()(real)):section("device", "virtio-rng-pci"))
    facts.cache = dir .. "/open"
    assert(os.execute("mkdir -m 777 " .. facts.cache))
    assert.is_table(assert(fresh()(real)):section("device", "virtio-rng-pci"))
    assert.same({}, kept())
  end)

  it("is that of the binary that is there in the end, where it is replaced while it is asked",
    function()
      local _ <close> = isolated()
      -- the first one puts another into its place, as a package manager does
      scratch.write(dir .. "/next", ("#!/bin/sh\necho >> %s/next-started\nexec %s \"$@\"\n"):format(
        dir, real), tonumber("755", 8))
      noting(("test -e %s/next && mv %s/next %s/qemu-system-x86_64 2>/dev/null\n"):format(dir, dir,
        dir))
      local caps = assert(fresh()(dir .. "/qemu-system-x86_64"))
      assert.is_table(caps:section("machine", "q35"))
      assert.equal("file", host.kind(dir .. "/next-started"))
      assert.equal(1, #kept())
      -- and what is kept is the new one's: nobody is asked again
      local before = #scratch.read(dir .. "/next-started")
      assert(fresh()(dir .. "/qemu-system-x86_64"))
      assert.equal(before, #scratch.read(dir .. "/next-started"))
    end)

  it("is told where it never stays the same", function()
    local _ <close> = isolated()
    noting(("touch -d @$$ %s/qemu-system-x86_64\n"):format(dir))
    local caps, why = fresh()(dir .. "/qemu-system-x86_64")
    assert.same({ nil, dir .. "/qemu-system-x86_64: it was replaced while it was asked" },
      { caps, why })
    assert.is_nil(host.kind(facts.cache))
  end)

  it("is had where the disk is full, and no half of it stays there", function()
    local _ <close> = isolated()
    noting()
    stat.mkdir(dir .. "/cache", 448)
    local limit = unistd.geteuid() ~= 0 and resource.getrlimit(resource.RLIMIT_FSIZE)
    if limit then
      resource.setrlimit(resource.RLIMIT_FSIZE, { rlim_cur = 65536, rlim_max = limit.rlim_max })
    else
      assert(os.execute(("mount -t tmpfs -o size=64k,mode=700 tmpfs '%s/cache'"):format(dir)))
    end
    local caps = fresh()(dir .. "/qemu-system-x86_64")
    local section, left = caps and caps:section("machine", "q35"), scratch.list(dir .. "/cache")
    if limit then resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    else assert(os.execute(("umount '%s/cache'"):format(dir))) end
    assert.is_table(section)
    assert.same({}, left)
  end)

  it("is nothing of a kind that the QEMU would not tell, rather than that there is none", function()
    local _ <close> = isolated()
    local path = noting()
    package.loaded["lunik.host.caps.gather"] = function()
      return { { "machine", "q35", { { "pc-q35" } } } }
    end
    local caps = assert(fresh()(path))
    package.loaded["lunik.host.caps.gather"] = gather
    assert.is_false(caps:section("machine", "q36"))
    assert.is_nil(caps:section("device", "e1000"))
    assert.is_nil(caps:properties("device", "e1000"))
    local verify = require "lunik.verify"
    assert.same({}, verify({ path, "-nic", "none", "-device", "virtio-rng-pci" },
      { known = caps }))
  end)

  it("takes no name for more than a name", function()
    local caps = assert(host.caps(real))
    for _, name in ipairs { "../../x", "a b", "", ("x"):rep(300), "a\tb", "virtio-rng-pci\t0" } do
      assert.is_false(caps:section("device", name))
    end
  end)

  it("is not asked of what only a recipe names", function()
    local _ <close> = isolated()
    local path = noting()
    local other = dir .. "/mine"
    assert(os.execute(("mkdir %s; mv %s %s"):format(other, path, other)))
    path = other .. "/qemu-system-x86_64"
    local caps, why = host.caps(path)
    assert.is_nil(caps)
    assert.equal(("%s is not asked: only the recipe names it; LUNIK_QEMU=%s allows it"):format(
      path, path), why)
    scratch.write(dir .. "/vm.lua", ("return machine { accel = 'tcg', qemu = %q, "
      .. "qemu.device { 'virtio-rgn-pci' } }"):format(path))
    local of = assert(lunik.plan(dir .. "/vm.lua"))
    assert.matches("only the recipe names it", table.concat(of.notes, "\n"))
    assert.equal(0, started())
  end)

  it("is asked of what its owner allows, wherever it lies", function()
    local _ <close> = isolated()
    local path = noting()
    local other = dir .. "/mine"
    assert(os.execute(("mkdir %s; mv %s %s/anything"):format(other, path, other)))
    path = other .. "/anything"
    stdlib.setenv("LUNIK_QEMU", path)
    local caps = fresh()(path)
    stdlib.setenv("LUNIK_QEMU", nil)
    assert.is_truthy(caps:properties("device", "virtio-rng-pci")["max-bytes"])
    assert.is_true(started() > 0)
  end)

  it("is not asked of what is in PATH and called otherwise", function()
    local _ <close> = isolated()
    local path = noting()
    for _, name in ipairs { "deploy", "qemu-deploy", "qemu-kvm-deploy", "my-qemu-system-x86_64" } do
      assert(os.execute(("cp %s %s/%s"):format(path, dir, name)))
      assert.is_nil((host.caps(dir .. "/" .. name)))
    end
    assert.equal(0, started())
    assert.is_table(host.caps(path))
  end)

  it("is not asked of a program behind a link that is called as QEMU is", function()
    local _ <close> = isolated()
    local other = dir .. "/mine"
    assert(os.execute(("mkdir %s; ln -s /usr/bin/env %s/qemu-system-x86_64"):format(other, other)))
    local caps, why = host.caps(other .. "/qemu-system-x86_64")
    assert.is_nil(caps)
    assert.matches("is not asked", why)
  end)

  -- what a QEMU does that is none, and what is said of it
  for name, case in pairs {
    ["hangs"] = { "exec sleep 1000\n", ": nothing came in time" },
    ["talks nonsense"] = { "echo hello >&3\nexec sleep 1000\n", ": " },
    ["ends"] = { "exit 0\n", ": .*closed by peer" },
    ["cannot be executed"] = { false, "No such file or directory" },
  } do
    it("gives up on a binary that " .. name, function()
      local _ <close> = isolated()
      local path = script(case[1] or "")
      if not case[1] then scratch.write(path, "#!/missing/interpreter\n") end
      local before = run.descriptors()
      local caps, why = host.caps(path)
      assert.is_nil(caps)
      assert.matches(case[2], why)
      assert.equal(before, run.descriptors())
      assert.equal(errno.ECHILD, select(3, wait.wait(-1, wait.WNOHANG)))
    end)
  end
end)

describe("the file of what a QEMU knows", function()
  local function reader(text)
    return #text, function(offset, bytes) return text:sub(offset + 1, offset + bytes) end
  end

  local sections = { { "device", "a", { { "x\ty", "\\n\n", "" }, { "z" } } }, { "device", "b", {} },
    { "cpu", "a", { { "" } } } }

  it("gives back what was put in", function()
    local opened = assert(store.open("me 1", reader(store.text("me 1", sections))))
    for _, section in ipairs(sections) do
      assert.same(section[3], store.rows(opened:text(section[1], section[2])))
    end
    assert.same({ "a", "b" }, opened:names "device")
    assert.is_false(opened:text("device", "c"))
  end)

  it("is nobody else's, and no piece of one", function()
    local text = store.text("me 1", sections)
    assert.is_nil(store.open("me 2", reader(text)))
    for cut = 0, #text - 1 do assert.is_nil(store.open("me 1", reader(text:sub(1, cut)))) end
  end)

  it("gives nothing that was changed", function()
    local text = store.text("me 1", sections)
    for at = 1, #text do
      local changed = text:sub(1, at - 1) .. string.char(text:byte(at) ~ 1) .. text:sub(at + 1)
      local opened = store.open("me 1", reader(changed))
      for _, section in ipairs(opened and sections or {}) do
        local kept_text = opened:text(section[1], section[2])
        if kept_text then assert.same(section[3], store.rows(kept_text)) end
      end
    end
  end)
end)

describe("the questions to a QEMU", function()
  it("are answered by one of any architecture", function()
    for _, arch in ipairs { "aarch64" } do
      local path = host.program("qemu-system-" .. arch)
      if path then
        local seen = {}
        for _, section in ipairs(assert(gather(path))) do seen[section[1]] = true end
        for _, kind in ipairs { "device", "object", "machine", "cpu", "feature", "command" } do
          assert.is_true(seen[kind], kind)
        end
      end
    end
  end)
end)
