-- Machines that have ended are forgotten, and what their user keeps is not without being asked.
local core = require "lunik.core"
local house = require "support.house"
local launch = require "lunik.launch"
local loop = require "lunik.async.loop"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

local KEPT = "overlay %s/keep.qcow2 (192K)"

describe("lunik rm", function()
  local home, state
  setup(function()
    home = house.new()
    state = home.dir .. "/state/lunik"
    scratch.write(home.dir .. "/base.raw", ("\0"):rep(1 << 20))
  end)
  after_each(function()
    home:clear()
    os.remove(home.dir .. "/keep.qcow2")
    os.remove(home.dir .. "/keep.qcow2.base")
  end)
  teardown(function() home:close() end)

  -- A machine that has run and ended.
  local function ended(name, items)
    home:does("up", home:recipe(name, ([[return machine { name = %q, accel = "tcg",
      memory = "64M", ready = "qmp", %s }]]):format(name, items or "")))
    home:does("down", "--force", name)
  end

  local function there(path) return stat.stat(home.dir .. "/" .. path) ~= nil end

  it("removes what is remembered of a machine, and its logs", function()
    ended "one"
    assert.same({ 0, "", "one: removed\n" }, { home:lunik("rm", "one") })
    assert.same({}, scratch.list(home.dir .. "/state"))
    assert.same({}, home:runtime())
    assert.same({ 1, "", "lunik rm: no machine 'one'\n" }, { home:lunik("rm", "one") })
  end)

  it("takes several, by name or recipe, and says of each that is not there", function()
    ended "one"
    ended "two"
    local status, _, errors = home:lunik("rm", "one.lua", "three", "two")
    assert.same({ 1, "one: removed\ntwo: removed\nlunik rm: no machine 'three'; there are: two\n" },
                { status, errors })
    assert.equal(0, #scratch.list(home.dir .. "/state"))
  end)

  it("refuses one that runs, by the word that ends it", function()
    local recipe = home:recipe("one", [[return machine { name = "one", accel = "tcg",
      memory = "64M", ready = "qmp" }]])
    home:does("up", recipe)
    assert.same({ 1, "", "lunik rm: machine 'one' runs: lunik down one first\n" },
                { home:lunik("rm", "--all", "one") })
    assert.equal("running", home:json("status", "one", "--json").state)
    -- nor when nobody supervises it
    local pids = home:json("status", "one", "--json")
    local supervisor = core.proc.open(pids.supervisor.pid)
    supervisor:signal(9)
    supervisor:wait(60)
    assert.same({ 1, "", "lunik rm: machine 'one' runs: lunik down one first\n" },
                { home:lunik("rm", "one") })
    -- and forgets one that has ended unseen
    local qemu = core.proc.open(pids.qemu.pid)
    qemu:signal(9)
    qemu:wait(60)
    assert.same({ 0, "", "one: removed\n" }, { home:lunik("rm", "one") })
    assert.same({}, scratch.list(home.dir .. "/state"))
    assert.same({}, home:runtime())
  end)

  it("names an overlay that is kept, and removes it with --all alone", function()
    local items = [[disk { file = "base.raw", overlay = "keep.qcow2" }]]
    ended("one", items)
    local _, errors = home:does("rm", "one")
    assert.equal(("one: " .. KEPT .. " stays\none: removed\n"):format(home.dir), errors)
    assert.is_true(there "keep.qcow2" and there "keep.qcow2.base")
    ended("one", items)
    _, errors = home:does("rm", "--all", "one")
    assert.equal(("one: removing " .. KEPT .. "\none: removed\n"):format(home.dir), errors)
    assert.is_false(there "keep.qcow2" or there "keep.qcow2.base")
    assert.is_true(there "base.raw")
  end)

  it("knows an overlay that came while the machine ran", function()
    home:does("up", home:recipe("one", [[return machine { name = "one", accel = "tcg",
      type = "q35", memory = "64M", ready = "qmp", hotplug { ports = 2 } }]]))
    home:does("plug", "one", "disk", "file=base.raw", "overlay=keep.qcow2", "id=late")
    home:does("down", "--force", "one")
    local done = home:json("rm", "--all", "--json", "one")
    assert.same({ lunik = 1, machines = { { name = "one", removed = true, overlays = { {
      path = home.dir .. "/keep.qcow2", size = done.machines[1].overlays[1].size,
      removed = true } } } } }, done)
    assert.equal("integer", math.type(done.machines[1].overlays[1].size))
    assert.is_false(there "keep.qcow2")
  end)

  it("does not remove an overlay that another machine has", function()
    local items = [[disk { file = "base.raw", overlay = "keep.qcow2" }]]
    ended("one", items)
    home:does("up", home:recipe("two", [[return machine { name = "two", accel = "tcg",
      memory = "64M", ready = "qmp", ]] .. items .. "}"))
    local pid = home:json("status", "two", "--json").qemu.pid
    assert.same({ 1, "", ("lunik rm: " .. KEPT .. " is in use (pid %d)\n"):format(home.dir, pid) },
                { home:lunik("rm", "--all", "one") })
    assert.is_true(there "keep.qcow2" and there "state/lunik/one/machine.json")
  end)

  it("removes no file that only a record calls an overlay", function()
    ended "one"
    local mine = scratch.write(home.dir .. "/mine", "mine")
    scratch.write(state .. "/one/overlays.json",
                  core.json.encode { lunik = 1, overlays = { mine, "mine", "/", 5 } })
    local status, _, errors = home:lunik("rm", "--all", "one")
    assert.same({ 1, ("lunik rm: %s is no overlay\n"):format(mine) }, { status, errors })
    assert.equal("mine", scratch.read(mine))
    assert.is_true(there "state/lunik/one/machine.json")
    -- nor an overlay of somebody else's making
    ended("one", [[disk { file = "base.raw", overlay = "keep.qcow2" }]])
    os.remove(home.dir .. "/keep.qcow2.base")
    scratch.write(state .. "/one/overlays.json",
                  core.json.encode { lunik = 1, overlays = { home.dir .. "/keep.qcow2" } })
    status, _, errors = home:lunik("rm", "--all", "one")
    assert.same({ 1, ("lunik rm: %s/keep.qcow2 is an overlay that lunik has not made\n"):format(
      home.dir) }, { status, errors })
    assert.is_true(there "keep.qcow2")
  end)

  it("leaves an overlay that the user keeps among what is lunik's", function()
    ended("one", ("disk { file = 'base.raw', overlay = '%s/one/x.overlay.qcow2' }"):format(state))
    local _, errors = home:does("rm", "one")
    assert.matches("one: %S+/one stays: lunik has not written x.overlay.qcow2, "
                   .. "x.overlay.qcow2.base\n", errors)
    assert.is_true(there "state/lunik/one/x.overlay.qcow2")
  end)

  it("forgets one of which nothing can be read any more", function()
    ended "one"
    scratch.write(state .. "/one/machine.json", "[")
    assert.equal(1, (home:lunik("status", "one")))
    home:does("rm", "one")
    assert.same({}, scratch.list(home.dir .. "/state"))
  end)

  it("keeps everybody from starting it meanwhile", function()
    ended "one"
    local l <close> = loop.new()
    local plan = { name = "one", runtime = home.dir .. "/run/lunik/one", state = state .. "/one" }
    local status, errors
    assert(l:run(launch.forget, plan, l, nil, function()
      local found = { home:lunik("up", "one") }
      status, errors = found[1], found[3]
      return true
    end))
    assert.equal(3, status)
    assert.matches("machine 'one' is already running", errors)
    assert.same({}, scratch.list(home.dir .. "/state"))
    home:does("up", home.dir .. "/one.lua")
  end)

  it("leaves what lunik has not written, and names it", function()
    ended "one"
    scratch.write(state .. "/one/mine", "")
    local _, errors = home:does("rm", "one")
    assert.equal(("one: %s/one stays: lunik has not written mine\none: removed\n"):format(state),
                 errors)
    assert.same({ "lunik", "lunik/one", "lunik/one/mine" }, scratch.list(home.dir .. "/state"))
  end)

  -- Has a machine remember an end so many days ago.
  local function aged(name, days)
    local path = state .. "/" .. name .. "/machine.json"
    local object = core.json.decode(scratch.read(path))
    object.ended.at = os.time() - days * 86400
    scratch.write(path, core.json.encode(object))
  end

  it("forgets those that ended long ago", function()
    for name, days in pairs { old = 31, older = 300, young = 29 } do
      ended(name)
      aged(name, days)
    end
    local _, errors = home:does("rm", "--older", "30d")
    assert.equal("old: removed\nolder: removed\n", errors)
    assert.same({ "young" }, { home:json("ls", "-a", "--json").machines[1].name })
    _, errors = home:does("rm", "--older", "30d")
    assert.equal("lunik: no machine has ended so long ago\n", errors)
    for _, argv in ipairs { {}, { "young", "--older", "1d" } } do
      assert.same({ 2, "", "lunik rm: names of machines or --older AGE expected, one of them\n" },
                  { home:lunik("rm", table.unpack(argv)) })
    end
    assert.equal(2, (home:lunik("rm", "--older", "long")))
  end)

  -- A machine that was, as its record has it.
  local function remembered(name, at)
    stat.mkdir(state .. "/" .. name, 448)
    scratch.write(state .. "/" .. name .. "/machine.json", core.json.encode { lunik = 1,
      name = name, began = at - 5, recipe = "/r/vm.lua",
      ended = { kind = "quit", text = "quit", code = 0, at = at } })
  end

  it("is what lunik ls -a says of machines that it does not list", function()
    stat.mkdir(state, 448)
    for i = 1, 23 do remembered(("m%02d"):format(24 - i), 1700000000 + i) end
    local text, errors = home:does("ls", "-a")
    local names = {}
    for name in text:gmatch "\n(m%d+) " do names[#names + 1] = name end
    assert.same({ 20, "m01", "m20" }, { #names, names[1], names[20] })
    assert.equal("lunik: 3 more ended before; lunik ls -a -n all lists them, lunik rm --older 30d "
                 .. "forgets what is older than that\n", errors)
    text, errors = home:does("ls", "-a", "-n", "all")
    assert.matches("\nm23 ", text)
    assert.equal("", errors)
    local list = home:json("ls", "-a", "--json")
    assert.same({ 23, nil }, { #list.machines, list.more })
    list = home:json("ls", "-a", "--json", "-n", "1")
    assert.same({ 1, "m01", 22 }, { #list.machines, list.machines[1].name, list.more })
    local status
    status, text, errors = home:lunik("ls", "-a", "-n", "few")
    assert.equal("", text)
    assert.equal(2, status)
    assert.matches("%-n: a number from 0 on, or all, expected, got 'few'", errors)
  end)
end)
