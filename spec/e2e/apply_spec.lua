-- `lunik apply`: a real machine whose recipe changes while it runs, seen from inside. The specs of
-- a machine share its boot, and follow each other.
local house = require "support.house"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

local home
setup(function() home = house.new() end)
teardown(function() home:close() end)

local function guest(name, script)
  return (home:does("exec", name, "--", "sh", "-c", script))
end

local function folder(name)
  stat.mkdir(home.dir .. "/" .. name, 493)
  scratch.write(("%s/%s/which"):format(home.dir, name), name)
end

local ROOM = 'hotplug { ports = 6, memory = "2G", cpus = 4, scsi = true }'
local NIC = "nic { forward = { ssh = 22 } }"
local SRC = 'mount { from = "src", to = "/work" }'

local function recipe(...)
  return home:small("dev", table.concat({ "agent {}", ... }, ",\n"))
end

-- What a verb prints, without this house's own path.
local function prints(...)
  local status, out, errors = home:lunik(...)
  return { status, (out:gsub(home.dir, "HOME")), (errors:gsub(home.dir, "HOME")) }
end

local function tags()
  local list = {}
  for _, one in ipairs(home:json("mounts", "dev", "--json").mounts) do list[#list + 1] = one.tag end
  table.sort(list)
  return table.concat(list, " ")
end

-- All of a running machine but for slots, ids and ports that were chosen.
local function state_of(name)
  local now, out = home:json("status", name, "--json"), { mounts = {}, forwards = {} }
  for _, one in ipairs(now.mounts) do
    out.mounts[one.tag] = { one.from, one.to, one.readonly, one.state, one.type }
  end
  for _, one in ipairs(now.forwards) do
    out.forwards[one.name] = { one.protocol, one.address, one.guest }
  end
  out.cpus, out.memory, out.ready = now.cpus, now.memory.configured, now.ready
  out.disks = guest(name, "ls /sys/block | grep -v loop; cat /sys/block/vd*/serial")
  out.cards = guest(name, "cat /sys/class/net/*/address | sort")
  out.changed, out.waits = now.changed, now.applied and #now.applied.waits or 0
  return out
end

local RESTART = "waits for a restart:\n  + hook started (is called when the machine starts)\n"

describe("a machine whose recipe changes", function()
  setup(function()
    for _, name in ipairs { "src", "doc", "lib" } do folder(name) end
    for _, name in ipairs { "data", "more" } do
      scratch.write(("%s/%s.raw"):format(home.dir, name), ("\0"):rep(1 << 20))
    end
    home:does("up", recipe(ROOM, NIC, SRC))
  end)
  teardown(function() home:lunik("down", "--force", "dev") end)

  it("is what its recipe says as long as that is as it was", function()
    assert.same({ 0, "", "dev: it is what its recipe says\n" }, prints("apply", "dev"))
    assert.same({ lunik = 1, name = "dev", applied = true, changes = {} },
                home:json("apply", "dev", "--json"))
    assert.is_nil(home:json("status", "dev", "--json").changed)
  end)

  local HOT = "  + forward web: tcp:127.0.0.1:(chosen)->80\n"
    .. "  ~ mount work: readonly: false -> true\n"
    .. "  + mount doc: from: HOME/doc, to: /doc\n  + disk data: file: HOME/data.raw, serial: D1\n"

  it("shows what would be done, and does nothing", function()
    recipe(ROOM, "nic { forward = { ssh = 22, web = 80 } }",
           'mount { from = "src", to = "/work", readonly = true }',
           'mount { from = "doc", to = "/doc" }', 'disk { file = "data.raw", serial = "D1" }',
           'on("started", function() end)')
    assert.same({ 0, "is done while it runs:\n" .. HOT .. RESTART, "" },
                prints("apply", "dev", "--dry-run"))
    assert.equal("work", tags())
  end)

  it("says that its recipe has changed", function()
    assert.matches("\n  recipe      HOME/dev.lua, changed since start: lunik apply dev\n",
                   prints("status", "dev")[2], 1, true)
    assert.matches("HOME/dev.lua (changed since start)\n", prints("ls")[2], 1, true)
    assert.same({ home.dir .. "/dev.lua" }, home:json("status", "dev", "--json").changed)
  end)

  it("becomes what its recipe says, as far as that can be", function()
    assert.same({ 0, "done:\n" .. HOT .. RESTART, "" }, prints("apply", "dev"))
    -- the guest finds a disk in its own time
    assert.equal("docvda\n", guest("dev", [[cat /doc/which
      for i in $(seq 300); do [ ! -e /sys/block/vda ] || break; sleep 0.1; done
      ls /sys/block | grep -v loop]]))
    assert.equal("1\n", guest("dev", "touch /work/x 2>/dev/null; echo $?"))
    assert.matches("\n  recipe      HOME/dev.lua\n  applied     waits for a restart: + hook "
      .. "started (is called when the machine starts)\n", prints("status", "dev")[2], 1, true)
    assert.same({ 0, RESTART, "" }, prints("apply", "dev"))
  end)

  it("grows within its bounds", function()
    home:recipe("dev", (scratch.read(home.dir .. "/dev.lua")
      :gsub("cpus = 2", "cpus = 3"):gsub('"512M"', '"768M"')))
    assert.same({ 0, "done:\n  ~ cpus: 2 -> 3\n  ~ memory: 512M -> 768M\n" .. RESTART },
                { table.unpack(prints("apply", "dev"), 1, 2) })
    local now = home:json("status", "dev", "--json")
    assert.same({ 3, 768 << 20 }, { now.cpus, now.memory.configured })
    assert.same({ 0, RESTART, "" }, prints("apply", "dev"))
  end)

  it("is the machine that the recipe makes anew", function()
    local applied = state_of "dev"
    home:does("down", "--force", "dev")
    home:does("up", "dev")
    local new = state_of "dev"
    applied.waits = 0
    assert.same(new, applied)
    assert.is_nil(home:json("status", "dev", "--json").applied)
  end)
end)

describe("a machine that a recipe is applied to", function()
  before_each(function()
    for _, name in ipairs { "src", "doc", "lib" } do folder(name) end
    scratch.write(home.dir .. "/data.raw", ("\0"):rep(1 << 20))
    home:does("up", recipe(ROOM, NIC, SRC))
  end)
  after_each(function() home:lunik("down", "--force", "dev") end)

  it("keeps a disk that its guest uses, and everything else as it was", function()
    recipe(ROOM, NIC, SRC, 'disk { file = "data.raw" }')
    home:does("apply", "dev")
    guest("dev", "until [ -b /dev/vda ]; do sleep 0.1; done; mke2fs /dev/vda && mkdir -p /tmp/at"
      .. " && mount /dev/vda /tmp/at")
    recipe(ROOM, NIC, 'mount { from = "doc", to = "/doc" }')
    local why = "- disk data (data: the guest uses it: /dev/vda is mounted at /tmp/at; --force "
                .. "takes it all the same)"
    assert.same({ 1, "", "lunik apply: " .. why .. "; nothing is changed\n" },
                prints("apply", "dev"))
    assert.same({ 0, "is done while it runs:\n  + mount doc: from: HOME/doc, to: /doc\n"
      .. "  - mount work\nis refused:\n  " .. why .. "\n", "" },
      prints("apply", "dev", "--dry-run"))
    assert.equal("work", tags())
    guest("dev", "umount /tmp/at")
    home:does("apply", "dev")
    assert.equal("doc", tags())
    assert.equal("", guest("dev", "ls /sys/block | grep -v loop || true"))
  end)

  it("is what it was where a step fails", function()
    local socket = require "posix.sys.socket"
    local fd = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
    socket.bind(fd, { family = socket.AF_INET, addr = "127.0.0.1", port = 0 })
    socket.listen(fd, 1)
    local port = socket.getsockname(fd).port
    recipe(ROOM, ("nic { forward = { ssh = 22, [%q] = 80 } }"):format(("%d"):format(port)),
           'mount { from = "doc", to = "/doc" }', 'disk { file = "data.raw" }')
    local status, out, errors = home:lunik("apply", "dev")
    require "posix.unistd".close(fd)
    assert.same({ 1, "" }, { status, out })
    assert.matches(("^lunik apply: + forward %d: tcp:127.0.0.1:%d%%->80: .*; what was done before "
                    .. "is undone\n$"):format(port, port):gsub("%+", "%%+"), errors)
    assert.equal("work", tags())
    assert.equal("", guest("dev", "ls /sys/block | grep -v loop || true"))
    local states = {}
    for _, step in ipairs(home:json("status", "dev", "--json").applied.steps) do
      states[#states + 1] = step.state
    end
    assert.same({ "undone", "undone", "failed", "waiting" }, states)
    assert.matches("\n  applied     not all of it\n", prints("status", "dev")[2], 1, true)
    home:does("apply", "dev")
    assert.equal("doc", tags())
  end)

  it("lets two mounts change places", function()
    recipe(ROOM, NIC, 'mount { from = "src", to = "/one", tag = "a" }',
           'mount { from = "doc", to = "/two", tag = "b" }')
    home:does("apply", "dev")
    recipe(ROOM, NIC, 'mount { from = "src", to = "/two", tag = "a" }',
           'mount { from = "doc", to = "/one", tag = "b" }')
    home:does("apply", "dev")
    assert.equal("docsrc", guest("dev", "cat /one/which /two/which"))
    assert.equal("2\n", guest("dev", "grep -c virtiofs /proc/mounts"))
  end)

  it("is what it was where a mount that would be replaced is in use", function()
    guest("dev", "cd /work; sleep 600 >/dev/null 2>&1 &")
    recipe(ROOM, NIC, 'mount { from = "lib", to = "/work" }',
           'mount { from = "doc", to = "/doc" }')
    local result = prints("apply", "dev")
    assert.equal(1, result[1])
    assert.matches("sleep %(pid %d+%) has /work open.*; what was done before is undone\n$",
                   result[3])
    assert.equal("work", tags())
    assert.equal("src", guest("dev", "cat /work/which"))
  end)

  it("says so where a mount that is to go is in use, and does the rest", function()
    guest("dev", "cd /work; sleep 600 >/dev/null 2>&1 & echo $! >/tmp/pid")
    recipe(ROOM, NIC, 'mount { from = "doc", to = "/doc" }')
    local result = prints("apply", "dev")
    assert.equal(1, result[1])
    assert.matches("^lunik apply: %- mount work: work: .*sleep %(pid %d+%) has /work open",
                   result[3])
    assert.equal("doc work", tags())
    assert.matches("\n  applied     not all of it\n" .. (" "):rep(16) .. "done: + mount doc: from: "
                   .. "HOME/doc, to: /doc\n" .. (" "):rep(16) .. "failed: - mount work\n",
                   prints("status", "dev")[2], 1, true)
    guest("dev", "kill $(cat /tmp/pid)")
    assert.same({ 0, "done:\n  - mount work\n", "" }, prints("apply", "dev"))
    assert.equal("doc", tags())
  end)

  it("is left alone by a recipe with problems, and by that of another machine", function()
    local path = recipe(ROOM, NIC, 'mount { from = "nowhere", to = "/doc" }')
    local result = prints("apply", "dev")
    assert.equal(1, result[1])
    assert.matches("^lunik apply: HOME/dev.lua:%d+: mount%.from: ", result[3])
    recipe(ROOM, NIC)
    scratch.write(path, (scratch.read(path):gsub('name = "dev"', 'name = "other"')))
    assert.same({ 1, "", "lunik apply: ~ name: dev -> other (it would be another machine); nothing "
                  .. "is changed\n" }, prints("apply", "dev"))
    assert.equal("work", tags())
  end)

  it("has modules of memory beside what it grows by", function()
    local path = recipe(ROOM, NIC, 'memory { size = "128M" }')
    home:does("apply", "dev")
    scratch.write(path, (scratch.read(path):gsub('"512M"', '"640M"')))
    assert.same({ 0, "done:\n  ~ memory: 512M -> 640M\n", "" }, prints("apply", "dev"))
    assert.equal(768 << 20, home:json("status", "dev", "--json").memory.configured)
  end)

  it("keeps what was mounted by hand", function()
    home:does("mount", "dev", home.dir .. "/lib")
    recipe(ROOM, NIC)
    assert.same({ 0, "done:\n  - mount work\n", "" }, prints("apply", "dev"))
    assert.equal("lib", tags())
  end)

  it("takes nothing but an outline", function()
    for _, wrong in ipairs { "{}", '{"name": 1, "dir": "/", "items": [{"family": 1}]}' } do
      local status, _, errors = home:lunik("qmp", "dev", "lunik-apply",
                                           ('{"outline": %s}'):format(wrong))
      assert.equal(1, status)
      assert.matches("^lunik qmp: outline%.[%l.%[%]1]+: not what an outline has there\n$", errors)
    end
  end)
end)

describe("a machine whose supervisor dies while its recipe is applied", function()
  it("says what was done, and goes on with the rest when asked again", function()
    for _, name in ipairs { "src", "doc" } do folder(name) end
    scratch.write(home.dir .. "/data.raw", ("\0"):rep(1 << 20))
    local stays = scratch.write(home.dir .. "/stay", "")
    local room = ([[hotplug { ports = 6, disk = function(vm)
      if host.run { "test", "-e", %q } == 0 then vm:sleep(25) end
      return true
    end }]]):format(stays)
    home:does("up", recipe(room, NIC, SRC))
    recipe(room, NIC, 'mount { from = "doc", to = "/doc" }', 'disk { file = "data.raw" }')
    local client = home:start({}, "apply", "dev")
    local now
    for _ = 1, 200 do
      now = home:json("status", "dev", "--json")
      local steps = now.applied and now.applied.steps or {}
      if steps[2] and steps[2].state == "doing" then break end
    end
    assert.same({ "running", "done", "doing", "waiting" }, { now.applied.state,
      now.applied.steps[1].state, now.applied.steps[2].state, now.applied.steps[3].state })
    assert.same({ 1, "", "lunik apply: the recipe is just being applied\n" },
                prints("apply", "dev"))
    require "posix.signal".kill(now.supervisor.pid, 9)
    client:close()
    local left = home:json("status", "dev", "--json")
    assert.same({ "unsupervised", "interrupted", "done", "doing" }, { left.state,
      left.applied.state, left.applied.steps[1].state, left.applied.steps[2].state })
    home:does("adopt", "dev")
    assert.matches("\n  applied     interrupted\n" .. (" "):rep(16) .. "done: + mount doc: from: "
      .. "HOME/doc, to: /doc\n" .. (" "):rep(16) .. "was being done: + disk data: file: "
      .. "HOME/data.raw\n" .. (" "):rep(16) .. "not done: - mount work\n",
      prints("status", "dev")[2], 1, true)
    require "posix.unistd".unlink(stays)
    assert.same({ 0, "done:\n  + disk data: file: HOME/data.raw\n  - mount work\n" },
                { table.unpack(prints("apply", "dev"), 1, 2) })
    assert.equal("doc", tags())
    assert.equal("vda\n", guest("dev", [[
      for i in $(seq 300); do [ ! -e /sys/block/vda ] || break; sleep 0.1; done
      ls /sys/block | grep -v loop]]))
    home:does("down", "--force", "dev")
  end)
end)
