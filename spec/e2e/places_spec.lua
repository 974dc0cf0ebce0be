-- Every method of a running machine, called in each place where it exists, with a real guest: as a
-- hook has it, and over the control socket. The same call answers the same.
local client = require "lunik.supervisor.client"
local control = require "lunik.control"
local core = require "lunik.core"
local house = require "support.house"
local launch = require "lunik.launch"
local loop = require "lunik.async.loop"
local lunik = require "lunik"
local methods = require "lunik.vm.methods"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

local RECIPE = [[
  local guest = %q
  return machine { name = "places", accel = "tcg", cpus = 2, memory = "256M",
    kernel = guest .. "/vmlinux", initrd = guest .. "/initramfs.img", append = %q,
    nic { forward = { ssh = 22 } }, agent {}, ssh { user = "root", key = guest .. "/id_ed25519" },
    hotplug { ports = 4, memory = "1G",
      mount = function(vm, m)
        if m.tag == "no" then return nil, "not here, " .. vm.name end
        return m
      end } }]]

-- What a call came to: its results, or what it raised, without the place of the line.
local function outcome(vm, call)
  local results = table.pack(pcall(call, vm))
  if not results[1] then results[2] = tostring(results[2]):gsub("^[^ ]*:%d+: ", "") end
  return results
end

-- Results without what differs from one moment, or from one device, to the next.
local VOLATILE = { uptime = true, resident = true, ms = true, port = true, steps = true, pid = true,
                   timestamp = true, id = true, label = true }

local function masked(value)
  if type(value) ~= "table" then return value end
  local out = {}
  for key, each in pairs(value) do
    if not VOLATILE[key] then out[key] = masked(each) end
  end
  return out
end

describe("the methods of a running machine", function()
  local dir, l, vm, server, attached
  local cases

  -- One after the other, since what one does the other undoes.
  local function both(call)
    return masked(outcome(vm.handle, call)), masked(outcome(attached.handle, call))
  end

  local function plugged(fields)
    return function(one)
      local device, why, code = one:plug("disk", fields)
      if not device then return device, why, code end
      local found, gone = one:device(device.id), one:unplug(device.id)
      return device, found, gone, select(2, one:device(device.id)) ~= nil
    end
  end

  setup(function()
    dir = scratch.new()
    stat.mkdir(dir .. "/share", 448)
    scratch.write(dir .. "/disk.raw", ("\0"):rep(1 << 20))
    local recipe = scratch.write(dir .. "/vm.lua", RECIPE:format(house.guest, house.append))
    local host = setmetatable({ runtime = dir .. "/run", state = dir .. "/state" },
                              { __index = require "lunik.host" })
    local plan, machine = lunik.plan(recipe, { host = host })
    assert(plan, plan or lunik.text(machine))
    l = loop.new()
    l:run(function()
      vm = assert(launch.start(plan, l,
        require "lunik.launch.brief".of_machine(machine, l, { tied = true })))
      server = control.new(l, assert(core.chan.listen(dir .. "/control.sock")))
      server:serve(vm)
      attached = assert(client.open("places", dir .. "/control.sock", l))
    end)
    local share = dir .. "/share"
    cases = {
      { "wait", function(one) return one:wait(60, "ready") end },
      { "wait", function(one) return one:wait(0) end },
      { "wait", function(one) return one:wait(0, "raedy") end },
      { "status", function(one) return one:status() end },
      { "is_now_ready", function(one) return one:is_now_ready() end },
      { "stop", function(one) return one:stop("for no reason", "kil") end },
      { "stop", function(one) return one:stop(7) end },
      { "pause", function(one) return one:pause(), one:qmp("query-status").status end },
      { "resume", function(one) return one:resume(), one:qmp("query-status").status end },
      { "qmp", function(one) return one:qmp("nosuch") end },
      { "qmp", function(one)
        return one:qmp("device-list-properties", { typename = "nosuch" })
      end },
      { "qmp", function(one) return one:qmp("query-version", {}, 5).qemu end },
      { "qmp", function(one) return one:qmp(7) end },
      { "tell", function(one) return one:tell("note", "said") end },
      { "sleep", function(one) return one:sleep(0.01) end },
      { "sleep", function(one) return one:sleep(-1) end },
      { "now", function(one)
        local before = one:now()
        return math.type(before), one:sleep(0.01), one:now() >= before + 0.01
      end },
      { "on", function(one) return one:on("SHUTDOWN", function() end) end },
      { "on", function(one) return one:on("raedy", function() end) end },
      { "on", function(one) return one:on("SHUTDOWN") end },
      { "exec", function(one) return one:exec { "cat", input = "hello\xff\0" } end },
      { "exec", function(one) return one:exec { "sh", "-c", "echo a; echo b >&2; exit 3" } end },
      { "exec", function(one) return one:exec { "sh", "-c", "kill -9 $$" } end },
      { "exec", function(one) return one:exec { "/nowhere/at/all" } end },
      { "exec", function(one)
        local status, why, code, more = one:exec { "sleep", "1", seconds = 0.2 }
        return status, (why:gsub("pid %d+", "pid N")), code, more
      end },
      { "exec", function(one) return one:exec { "true", sceonds = 1 } end },
      { "exec", function(one) return one:exec "true" end },
      { "exec", function(one) return one:exec { 7 } end },
      { "copy_in", function(one)
        return one:copy_in { from = dir .. "/vm.lua", to = "/tmp/copy" },
               one:exec { "wc", "-c", "/tmp/copy" }
      end },
      { "spawn", function(one)
        local program = one:spawn { "cat" }
        return program:write "a\n", program:lines()(), program:wait()
      end },
      { "spawn", function(one) return one:spawn "cat" end },
      { "spawn", function(one) return one:spawn { "cat", sceonds = 1 } end },
      { "copy_in", function(one) return one:copy_in { from = "/nowhere", to = "/tmp/copy" } end },
      { "copy_in", function(one) return one:copy_in { from = "/etc", to = "tmp" } end },
      { "copy_in", function(one) return one:copy_in { to = "/tmp" } end },
      { "copy_in", function(one) return one:copy_in { form = "/etc", to = "/tmp" } end },
      { "copy_in", function(one)
        local pieces = { "a", "b" }
        return one:copy_in { to = "/tmp/two", source = function()
          return table.remove(pieces, 1)
        end }, one:exec { "cat", "/tmp/two" }
      end },
      { "copy_out", function(one)
        return one:copy_out { from = "/tmp/copy", to = dir .. "/copy" },
               scratch.read(dir .. "/copy") == scratch.read(dir .. "/vm.lua")
      end },
      { "copy_out", function(one)
        local got = ""
        local done, why = one:copy_out { from = "/tmp/two",
                                         sink = function(bytes) got = got .. bytes end }
        return done, why, got
      end },
      { "copy_out", function(one) return one:copy_out { from = "/nowhere", to = dir } end },
      { "copy_out", function(one) return one:copy_out { from = "/tmp/two", to = "/no/where" } end },
      { "copy_out", function(one) return one:copy_out "/tmp" end },
      { "ssh_argv", function(one) return one:ssh_argv("uname", "-r") end },
      { "ssh_argv", function(one) return one:ssh_argv() end },
      { "ssh_argv", function(one) return one:ssh_argv("echo", "caf\xe9") end },
      { "provision", function(one) return one:provision() end },
      { "provision", function(one) return one:provision { again = true } end },
      { "provision", function(one) return one:provision { agian = true } end },
      { "forwards", function(one) return one:forwards() end },
      { "forward", function(one) return one:forward "ssh" end },
      { "forward", function(one) return one:forward(8080) end },
      { "forward", function(one) return one:forward() end },
      { "add_forward", function(one)
        local added = one:add_forward { guest = 80, name = "web" }
        return added, one:forward "web" == added.port, one:remove_forward "web"
      end },
      { "add_forward", function(one) return one:add_forward { guest = 80, name = "ssh" } end },
      { "add_forward", function(one) return one:add_forward { guest = "80" } end },
      { "remove_forward", function(one) return one:remove_forward "web" end },
      { "mount", function(one)
        local mounted = one:mount({ from = share, to = "/mnt/a" }, { seconds = 30 })
        return mounted, one:mounts(), one:unmount("a", { force = true }), one:mounts()
      end },
      { "mount", function(one) return one:mount { from = share, tag = "no" } end },
      { "mount", function(one) return one:mount { from = share, redaonly = true } end },
      { "mount", function(one) return one:mount { from = share .. "/none" } end },
      { "mount", function(one) return one:mount() end },
      { "unmount", function(one) return one:unmount "share" end },
      { "unmount", function(one) return one:unmount("share", { froce = true }) end },
      { "mounts", function(one)
        return one:mounts { { from = share, to = "/mnt/b" } }, one:mounts {}
      end },
      { "plug", plugged { file = dir .. "/disk.raw" } },
      { "plug", function(one) return one:plug("dsik", {}) end },
      { "plug", function(one) return one:plug("disk", { fiel = "x" }) end },
      { "plug", function(one) return one:plug("disk", {}, { text = 7 }) end },
      { "unplug", function(one) return one:unplug "nothing" end },
      { "apply", function(one) return one:apply {} end },
      { "apply", function(one) return one:apply(true) end },
      { "apply", function(one)
        return one:apply({ name = "m", dir = "/", scalars = {}, written = {}, items = {},
                           hooks = {}, needs = {} }, { dry_run = true })
      end },
      { "save", function(one) return one:save "no/absolute/path" end },
      { "fork", function(one) return one:fork "no/absolute/path" end },
      { "fork", function(one) return one:fork { n = 2, as = "clone-{n}" } end },
      { "fork", function(one) return one:fork { n = "2" } end },
      { "cdrom", function(one) return one:cdrom() end },
      { "cdrom", function(one) return one:cdrom("cdrom-1", { file = "x.iso" }) end },
      { "device", function(one) return one:device "nothing" end },
      { "slots", function(one) return one:slots() end },
      { "slots", function(one) return one:slots(1) end },
      { "events", function(one) return #one:events() > 0, one:events()[1].event end },
    }
  end)

  teardown(function()
    l:run(function()
      attached.handle:close()
      vm:qmp "quit"
      assert(vm:wait(60))
      server:close()
    end)
    scratch.remove(dir)
  end)

  it("answer the same in each", function()
    l:run(function()
      for i, case in ipairs(cases) do
        local here, there = both(case[2])
        assert.same(here, there, ("case %d, vm:%s"):format(i, case[1]))
      end
    end)
  end)

  it("tell of events in the same words", function()
    local heard = { {}, {} }
    l:run(function()
      for i, one in ipairs { vm.handle, attached.handle } do
        one:on("STOP", function(given, event) heard[i] = { given.name, event } end)
      end
      vm.handle:pause()
      attached.handle:resume()
      vm.handle:exec { "true" }
    end)
    assert.equal("STOP", heard[1][2].event)
    assert.same(heard[1], heard[2])
  end)

  it("are all called here", function()
    local called = {}
    for _, case in ipairs(cases) do called[case[1]] = true end
    for _, row in ipairs(methods.rows) do      -- what is in one place only cannot differ
      assert(row.only or called[row.name], row.name .. ": no case")
    end
  end)

  it("have the codes that their rows name", function()
    l:run(function()
      for _, case in ipairs(cases) do
        local results = outcome(vm.handle, case[2])
        local row, code = methods.find(case[1]), results[4]
        if results[1] and results[2] == nil and type(code) == "string" then
          local named = table.concat(row.codes or {}, " ")
          assert((" " .. named .. " "):find(" " .. code .. " ", 1, true),
                 ("vm:%s: %s: %s is none of: %s"):format(row.name, results[3], code, named))
        end
      end
    end)
  end)
end)
