-- Programs that are spoken to while they run, vm:spawn, in a real guest: as a hook has it, and over
-- the control socket.
local client = require "lunik.supervisor.client"
local control = require "lunik.control"
local core = require "lunik.core"
local house = require "support.house"
local launch = require "lunik.launch"
local loop = require "lunik.async.loop"
local lunik = require "lunik"
local run = require "support.run"
local scratch = require "support.scratch"

local RECIPE = [[
  local guest = %q
  return machine { name = "spawn", accel = "tcg", cpus = 2, memory = "256M",
    kernel = guest .. "/vmlinux", initrd = guest .. "/initramfs.img", append = %q, agent {} }]]

describe("a program that is spawned", function()
  local dir, l, vm, server, attached

  setup(function()
    dir = scratch.new()
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
      attached = assert(client.open("spawn", dir .. "/control.sock", l))
      assert(vm.guest:wait(60))
    end)
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

  -- A case in both places.
  local function case(name, fn)
    it(name, function()
      for _, place in ipairs { "machine", "attached" } do
        l:run(fn, place == "machine" and vm.handle or attached.handle)
      end
    end)
  end

  local function running(name)
    local _, out = assert(vm.handle:exec { "sh", "-c", "ps | grep -c '[" .. name:sub(1, 1) .. "]"
                                           .. name:sub(2) .. "'" })
    return tonumber(out)
  end

  local function gone(name)
    local status = vm.handle:exec { "sh", "-c", "while ps | grep -q '[" .. name:sub(1, 1) .. "]"
      .. name:sub(2) .. "'; do sleep 0.05; done", seconds = 20 }
    return status == 0
  end

  case("is spoken to: what it is asked it answers, for as long as it runs", function(one)
    local program = assert(one:spawn { "sh", "-c",
      "while read -r x; do echo \"<$x>\"; done; echo end" })
    for _, word in ipairs { "a", "b c", "d" } do
      assert.is_true(program:write(word .. "\n"))
      assert.equal("<" .. word .. ">\n", program:read())
    end
    assert.is_true(program:close_input())
    assert.same({ nil, "its input is closed", "closed" }, { program:write "x" })
    assert.equal("end\n", program:read())
    assert.same({ n = 1 }, table.pack(program:read()))
    assert.same({ 0, "", "", { truncated = false } }, { program:wait() })
    assert.same({ nil, "the program has ended", "ended" }, { program:write "x" })
    assert.same({ nil, "the program has ended", "ended" }, { program:signal "TERM" })
  end)

  case("gives what nobody has read at its end, as vm:exec does", function(one)
    local program = assert(one:spawn { "sh", "-c", "cat; echo err >&2; exit 7" })
    program:write "a"
    program:write "b\n"
    assert.same({ 7, "ab\n", "err\n", { truncated = false } }, { program:wait() })
    assert.same({ 7, "", "", { truncated = false } }, { program:wait() })
    program = assert(one:spawn { "head", "-c", "17000000", "/dev/zero" })
    local status, out, _, more = program:wait()
    assert.same({ 0, 16 << 20, true }, { status, #out, more.truncated })
  end)

  case("waits where nobody reads, and nothing is lost", function(one)
    local program = assert(one:spawn { "sh", "-c", "seq 1 300000; echo last >&2" })
    local count, sum = 0, 0
    for line in program:lines() do
      count, sum = count + 1, sum + tonumber(line)
    end
    assert.same({ 300000, 300000 * 300001 // 2 }, { count, sum })
    local errors = {}
    for line in program:lines "stderr" do errors[#errors + 1] = line end
    assert.same({ "last" }, errors)
    program = assert(one:spawn { "printf", "a\n\nb" })
    local lines = {}
    for line in program:lines() do lines[#lines + 1] = line end
    assert.same({ "a", "", "b" }, lines)
    assert.equal(0, (program:wait()))
  end)

  case("gets signals, and so does all that it has started", function(one)
    local program = assert(one:spawn { "sh", "-c", "trap 'echo hup' HUP; trap 'exit 4' TERM; "
      .. "echo begun; while :; do sleep 0.05; done" })
    assert.equal("begun\n", program:read())
    assert.is_true(program:signal "HUP")
    assert.equal("hup\n", program:read())
    assert.is_true(program:signal "TERM")
    assert.equal(4, (program:wait()))
    program = assert(one:spawn { "sh", "-c", "sleep 1717 & echo begun; exec sleep 1718" })
    assert.equal("begun\n", program:read())
    assert.is_true(program:signal "KILL")
    local status, _, _, more = program:wait()
    assert.same({ 137, 9 }, { status, more.signal })
    -- the shells that have relayed it may just be ending
    assert.is_true(gone "sleep 171")
    local ok, why = pcall(function() program:signal "TREM" end)
    assert.is_false(ok)
    assert.matches("spawn_spec.lua:%d+: program:signal: Parameter 'name' does not accept value "
                   .. "'TREM'; did you mean 'TERM'", why)
  end)

  case("has the status that it exits with, also a large one", function(one)
    for _, status in ipairs { 1, 126, 128, 160, 200, 255 } do
      local program = assert(one:spawn { "sh", "-c", "exit " .. status })
      assert.same({ status, "", "", { truncated = false } }, { program:wait() })
      assert.same({ status, "", "", { truncated = false } },
                  { one:exec { "sh", "-c", "exit " .. status } })
    end
  end)

  case("may be waited for in vain, and is ended when its time is over", function(one)
    local program = assert(one:spawn { "sh", "-c", "echo begun; exec sleep 1719", seconds = 1 })
    assert.same({ nil, "the program still runs", "timeout" }, { program:wait(0.1) })
    local status, why, code, more = program:wait()
    assert.same({ nil, "still running after 1 s: ended in the guest", "timeout", "begun\n" },
                { status, why, code, more.stdout })
    assert.equal(0, running "sleep 1719")
  end)

  case("ends with the block that has it", function(one)
    do
      local program <close> = assert(one:spawn { "sh", "-c", "echo begun; exec sleep 1720" })
      assert.equal("begun\n", program:read())
    end
    assert.is_true(gone "sleep 1720")
    local program = assert(one:spawn { "cat" })
    assert.is_true(program:close())
    assert.same({ nil, "the program was closed", "ended" }, { program:read() })
    assert.same({ nil, "the program was closed", "ended" }, { program:wait() })
  end)

  case("ends when nobody has it any more", function(one)
    assert.equal("begun\n",
                 assert(one:spawn { "sh", "-c", "echo begun; exec sleep 1721" }):read())
    collectgarbage()
    collectgarbage()
    assert.is_true(gone "sleep 1721")
  end)

  case("ends with the task that waits for it", function(one)
    local begun = l:latch()
    local task = l:spawn("waits", function()
      local program <close> = assert(one:spawn { "sleep", "1722" })
      begun:set(true)
      program:read()
    end)
    begun:wait()
    task:cancel()
    assert.is_true(gone "sleep 1722")
  end)

  case("is one of several at once", function(one)
    local list = {}
    for i = 1, 4 do list[i] = assert(one:spawn { "cat" }) end
    for i, each in ipairs(list) do each:write(i .. "\n") end
    for i, each in ipairs(list) do assert.equal(i .. "\n", each:read()) end
    for _, each in ipairs(list) do assert.equal(0, (each:wait())) end
  end)

  case("has what its rows name, and nothing else", function(one)
    local program <close> = assert(one:spawn { "true" })
    local ok, why = pcall(function() return program:wirte "x" end)
    assert.is_false(ok)
    assert.matches("a program has no 'wirte'; did you mean 'write'?", why, 1, true)
    assert.is_false((pcall(function() program.x = 1 end)))
    assert.matches("program:write: Parameter 'bytes' is missing",
                   select(2, pcall(program.write, program)), 1, true)
  end)

  case("is refused where it cannot be one", function(one)
    local status, _, err = assert(one:spawn { "no-such-program" }):wait()
    assert.equal(127, status)
    assert.matches("not found", err)
    assert.same({ nil, "no argument of a program has a NUL byte", "invalid" },
                { one:spawn { "a\0b" } })
  end)

  it("is told when the guest restarts", function()
    l:run(function()
      local program = assert(attached.handle:spawn { "sh", "-c", "echo begun; sleep 1000" })
      assert.equal("begun\n", program:read())
      assert(vm:qmp "system_reset")
      assert.same({ nil, "the guest restarted", "failed" }, { program:read() })
      assert.same({ nil, "the guest restarted", "failed" }, { program:wait() })
      while vm.guest.alive do vm.guest.changed:wait() end
      assert(vm.guest:wait(60))
    end)
  end)
end)

describe("a program that is spawned", function()
  local home
  setup(function()
    home = house.new()
    home:does("up", home:small("dev", [[agent {}, on("ready", function(vm)
      local program <close> = assert(vm:spawn { "sh", "-c", "read x; echo \"<$x>\"; exit 3" })
      program:write "from a hook\n"
      vm:tell("note", program:lines()() .. " " .. program:wait())
    end)]]))
  end)
  teardown(function() home:close() end)

  it("is a hook's, which waits for it", function()
    home:does("wait", "dev", "--for", "ready")
    local events = home:start({}, "logs", "-f", "--source", "supervisor", "dev")
    events:expect "<from a hook> 3"
    events:close()
  end)

  it("is a program's without a loop, and ends with it", function()
    local script = [[
      local vm = assert(require "lunik".attach "dev")
      local program = assert(vm:spawn { "sh", "-c",
        "read x; echo \"<$x>\"; echo err >&2; exec sleep 1723" })
      assert(program:write "hello\n")
      print(program:lines()(), program:read "stderr", program:wait(0.01))
      do
        local other <close> = vm:spawn { "sleep", "1724" }
      end
]]
    local text, how, status = run.output { path = true, env = home.env, argv = { run.interpreter,
      "-e", ("package.path, package.cpath = %q, %q "):format(package.path, package.cpath)
      .. script } }
    assert.same({ "exited", 0 }, { how, status })
    assert.matches("^<hello>\terr\n\tnil\tthe program still runs\ttimeout\n", text)
    assert.equal(0, (home:lunik("exec", "--timeout", "20s", "dev", "--", "sh", "-c",
      "while ps | grep -q '[s]leep 172'; do sleep 0.05; done")))
  end)
end)
