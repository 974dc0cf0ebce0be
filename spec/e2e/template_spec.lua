-- A recipe with template { … } and a real guest: prepared once, of which every start is a clone.
local house = require "support.house"
local loop = require "lunik.async.loop"
local run = require "support.run"
local scratch = require "support.scratch"
local signal = require "posix.signal"

describe("a recipe with a template", function()
  local home, path
  local HOOKS = [[
    on("started", function(vm) print("hook started", vm.name) end),
    on("ready", function(vm) print("hook ready", vm.name) end),
    on("forked", function(vm) print("hook forked", vm.name) end),
    every("1h", function() end), agent {}, nic { forward = { web = { guest = 80, host = %d } } },
    disk { file = "base.qcow2", overlay = true },
    template { prepare = function(vm) %s end, keep = %q } ]]
  local PREPARE = 'print("prepare", vm.name); vm:exec { "sh", "-c", "echo %s >/run/made; '
    .. 'echo %s | dd of=/dev/vda bs=512 conv=sync oflag=direct" }'

  local function recipe(prepare, keep)
    return home:small("m", HOOKS:format(18941, prepare, keep or "7d"))
  end
  local function prepared(word) return recipe(PREPARE:format(word, word)) end
  local function guest(name, text) return (home:does("exec", name, "--", "sh", "-c", text)) end
  local function templates() return home:json("templates", "--json").templates end

  -- What is left of any template, besides those that are whole.
  local function nothing_half(count)
    assert.equal(count, #templates())
    local names = {}
    for _, name in ipairs(scratch.list(home.dir .. "/state/lunik")) do
      if name:find "^[^/]*%.template%-[^/]*$" then names[#names + 1] = name end
    end
    assert.equal(count, #names, table.concat(names, " "))
    assert.same({}, home:runtime())
  end

  setup(function()
    home = house.new()
    os.execute("qemu-img create -q -f qcow2 " .. home.dir .. "/base.qcow2 64M")
    path = prepared "one"
  end)
  after_each(function()
    for _, one in ipairs(home:json("ls", "--json").machines) do
      home:lunik("down", "--force", one.name)
    end
    assert.same({}, home:runtime())
  end)
  teardown(function() home:close() end)

  local READ = "cat /run/made; dd if=/dev/vda bs=512 count=1 iflag=direct 2>/dev/null | head -n 1"

  it("is prepared at its first start, and every start is a clone with what is its own", function()
    local _, said = home:does("up", path)
    local name = said:match "(m%.template%-%x+): it is made: there is none yet\n"
    assert(name, said)
    for _, line in ipairs { name .. ": hook started\t" .. name, name .. ": hook ready\t" .. name,
      name .. ": prepare\t" .. name, "m: hook forked\tm", "m: hook ready\tm",
      "m: forward web: tcp 127.0.0.1:18941 to port 80 of the guest", "m: up" } do
      assert.truthy(said:find(line .. "\n", 1, true), said)
    end
    assert.falsy(said:find("hook started\tm\n", 1, true), said)
    assert.equal("one\none\n", guest("m", READ))

    local ask = "hostname; cat /sys/class/net/eth0/address /proc/sys/kernel/random/uuid; "
                .. "head -c 16 /dev/urandom | md5sum"
    local status, _, why = home:lunik("up", path, "--set", "name=n")
    assert.equal(3, status)
    assert.truthy(why:find("port 18941 of 127.0.0.1 is taken: machine 'm' has it", 1, true), why)
    local one = guest("m", ask)
    home:does("down", "--force", "m")
    local _, again = home:does("up", path, "--set", "name=n")
    assert.falsy(again:find("template", 1, true), again)
    local two = guest("n", ask)
    assert.truthy(one:find "^m\n52:54:" and two:find "^n\n52:54:", one .. two)
    for line in one:gmatch "[^\n]+" do assert.falsy(two:find(line, 1, true), one .. two) end
    -- its recipe makes another such clone
    home:does("restart", "--force", "n")
    assert.equal("one\none\n", guest("n", READ))

    local all = templates()
    assert.same({ 1, name, 7 * 86400, { "n" } }, { #all, all[1].name, all[1].keep,
                                                  all[1].machines })
    local table = (home:does "templates"):gsub("  +", "  "):gsub("[%d.]+[smKM]%f[^%w]", "N")
    assert.equal(("NAME  AGE  UNUSED  KEEP  SIZE  HELD  MACHINES  RECIPE\n"
      .. "%s  N  -  7d  N  N  n  %s\n"):format(name, path), table)
    status, _, why = home:lunik("rm", name)
    assert.equal(1, status)
    assert.truthy(why:find(("machines stand on '%s': n"):format(name), 1, true), why)
    home:does("down", "--force", "n")
    status, _, why = home:lunik("restore", name)
    assert.equal(1, status)
    assert.truthy(why:find(name .. " is a template: lunik fork", 1, true), why)
  end)

  it("has clones by its path, in the foreground, and for a systemd unit", function()
    home:does("fork", path, "-n", "2", "--forward", "auto")
    for _, name in ipairs { "m-1", "m-2" } do
      assert.equal(name .. "\none\none\n", guest(name, "hostname; " .. READ))
    end
    home:does("down", "--force", "m-1", "m-2")
    assert.equal("m\none\none\n", (home:does("run", path, "--", "sh", "-c", "hostname; " .. READ)))
    local unit = home:start({}, "supervise", "--recipe", path)
    local ends = loop.now() + 60
    while home:lunik("wait", "--for", "ready", "m") ~= 0 do assert.is_true(loop.now() < ends) end
    assert.equal("m\none\none\n", guest("m", "hostname; " .. READ))
    home:does("down", "--force", "m")
    unit:wait()
    local bare = home:small("bare", "agent {}")
    local _, _, why = home:lunik("fork", bare)
    assert.truthy(why:find("bare.lua has no template { … }: lunik save", 1, true), why)
    nothing_half(1)
  end)

  it("has clones for a program", function()
    local script = home:recipe("program", [[
      local lunik = require "lunik"
      local function made(vm) return vm.name .. " " .. select(2, vm:exec { "cat", "/run/made" }) end
      local function over(vm)
        io.write(made(vm))
        vm:stop("done", "quit")
      end
      local vm, problems = lunik.up(arg[1], { set = { name = "up" } })
      if not vm then error(lunik.text(problems)) end
      over(vm)
      vm:wait()
      vm:close()
      local vms
      vms, problems = lunik.fork(arg[1], { n = 2, forward = "auto", as = "fork{n}" })
      if not vms then error(lunik.text(problems)) end
      for _, each in ipairs(vms) do
        over(each)
        each:wait()
        each:close()
      end
      print(lunik.run(arg[1], { set = { name = "run" }, on = { ready = over } }).kind)]])
    local env = { "LUA_PATH=" .. package.path, "LUA_CPATH=" .. package.cpath }
    local text = run.output { path = true, argv = { run.interpreter, script, path },
                              env = table.move(home.env, 1, #home.env, 3, env) }
    assert.equal("up one\nfork1 one\nfork2 one\nrun one\nkilled\n", text)
    nothing_half(1)
  end)

  -- Of a template that is ready at once, since its guest is not waited for.
  local function quick(prepare)
    return home:small("m", ([[ agent {}, disk { file = "base.qcow2", overlay = true },
      template { ready = "qmp", prepare = function(vm) %s end } ]]):format(prepare))
  end

  it("is made anew when what it is made of is another, says which, and is none if it fails",
     function()
    os.execute("touch -d 2020-01-01 " .. home.dir .. "/base.qcow2")
    local status, out, why = home:lunik("up", quick 'error("no such luck")')
    assert.same({ 3, "" }, { status, out })
    local changed = ": it is made anew: (.*) since m%.template%-%x+ was made\n"
    assert.equal(("%s/m.lua was changed, %s/base.qcow2 was changed"):format(home.dir, home.dir),
                 why:match(changed))
    assert.truthy(why:find "\n  template m%.template%-%x+: prepare: .*/m%.lua:%d+: no such luck\n",
                  why)
    nothing_half(1)
    status, out, why = home:lunik("up", quick 'return nil, "it would not do"')
    assert.same({ 3, "" }, { status, out })
    assert.truthy(why:find "prepare: it would not do\n", why)
    nothing_half(1)
  end)

  it("is whole or none when whoever makes it is killed", function()
    local ended = { up = { "killed", 9 }, supervisor = { "exited", 3 }, qemu = { "exited", 7 } }
    for _, who in ipairs { "up", "supervisor", "qemu" } do
      local one = home:start({}, "up", quick 'print "at it"; vm:sleep(600)')
      local name = one:expect "(m%.template%-%x+): at it\n"
      local about = home:json("status", "--json", name)
      signal.kill(who == "up" and one.proc:pid() or about[who].pid, signal.SIGKILL)
      local how, status = one:wait()
      assert.same(ended[who], { how, status })
      home:lunik("wait", name)
    end
    -- what the first has left is removed by the next that makes one
    home:lunik("up", quick 'error "no"')
    nothing_half(1)
  end)

  it("is made once for two that want it at once", function()
    local go = home.dir .. "/go"
    local wait = quick(([[ print "at it"
      while host.run { "test", "-e", %q } ~= 0 do vm:sleep(0.1) end ]]):format(go))
    local one = home:start({}, "up", "--paused", wait)
    local name = one:expect "(m%.template%-%x+): at it\n"
    local two = home:start({}, "up", "--paused", "--set", "name=n", wait)
    two:expect(name:gsub("%p", "%%%0"):gsub("^m", "n") .. ": another lunik is just making it\n")
    scratch.write(go, "")
    one:expect "\nm: up, paused\n"
    two:expect "\nn: up, paused\n"
    local on = {}
    for _, each in ipairs(templates()) do on[each.name] = each.machines end
    assert.same({ "m", "n" }, on[name])
    home:does("down", "--force", "m", "n")

    -- and goes when nobody has used it for as long as it is kept
    local used = ("%s/state/lunik/%s/template.used"):format(home.dir, name)
    os.execute("touch -d '8 days ago' " .. used)
    local _, _, said = home:lunik("up", quick 'error "no"')
    assert.truthy(said:find(name .. ": removed: nobody has used it for as long as it is kept\n", 1,
                            true), said)
    nothing_half(1)
    home:does("rm", templates()[1].name)
    nothing_half(0)
    assert.equal(0, #home:json("templates", "--json").held)
  end)
end)
