-- Programs with streams in a real guest: what comes out is what the program wrote, to the byte, and
-- whatever happens to whoever follows it, the next one gets nothing of it.
local core = require "lunik.core"
local follow = require "lunik.vm.streams.follow"
local house = require "support.house"
local launch = require "lunik.launch"
local loop = require "lunik.async.loop"
local lunik = require "lunik"
local scratch = require "support.scratch"

local RECIPE = [[
  local guest = %q
  return machine { name = "streams", accel = "tcg", cpus = 2, memory = "256M",
    kernel = guest .. "/vmlinux", initrd = guest .. "/initramfs.img", append = %q, agent {} }]]

describe("a program with streams", function()
  local dir, l, vm

  local function within(fn, ...) return l:run(fn, ...) end

  -- Runs one to its end: status, output, errors, what close says.
  local function go(argv, options)
    options = options or {}
    local out, err = {}, {}
    local opened, why, code = vm.streams:open(argv, { input = options.stdin ~= nil,
                                                      seconds = options.seconds })
    if not opened then return nil, why, code end
    local status, broken = follow.run(l, opened, {
      stdout = options.stdout or function(bytes) out[#out + 1] = bytes end,
      stderr = function(bytes) err[#err + 1] = bytes end, stdin = options.stdin })
    local closed, because, word = vm.streams:close(opened.id)
    if not status then return nil, because or broken, word end
    return status, table.concat(out), table.concat(err), closed
  end

  local function sh(script, options) return within(go, { "sh", "-c", script }, options) end

  local function feed(text)
    return function()
      local piece = text:sub(1, 65536)
      text = text:sub(65537)
      return piece ~= "" and piece or nil
    end
  end

  setup(function()
    dir = scratch.new()
    local recipe = scratch.write(dir .. "/vm.lua", RECIPE:format(house.guest, house.append))
    local host = setmetatable({ runtime = dir .. "/run", state = dir .. "/state" },
                              { __index = require "lunik.host" })
    local plan, machine = lunik.plan(recipe, { host = host })
    assert(plan, plan or lunik.text(machine))
    l = loop.new()
    within(function()
      vm = assert(launch.start(plan, l,
        require "lunik.launch.brief".of_machine(machine, l, { tied = true })))
      assert(vm.guest:wait(60))
    end)
  end)

  teardown(function()
    within(function()
      vm:stop "done"
      vm:wait(60)
    end)
  end)

  it("keeps output and errors apart, and gives its status", function()
    local status, out, err = sh "echo out; echo err >&2; exit 7"
    assert.same({ 7, "out\n", "err\n" }, { status, out, err })
  end)

  it("gives every status, and 128 and the signal of one that was killed", function()
    for _, code in ipairs { 0, 1, 96, 97, 125, 127, 200, 255 } do
      assert.equal(code, (sh("exit " .. code)))
    end
    for _, signal in ipairs { 9, 11, 15 } do
      assert.equal(128 + signal, (sh(("kill -%d $$"):format(signal))))
    end
  end)

  it("takes any bytes as arguments", function()
    local words = { "a b", "\xff\xfe", "'", "", "$x", "new\nline", "-n" }
    local argv = { "printf", "[%s]", table.unpack(words) }
    local _, out = within(go, argv)
    assert.equal("[" .. table.concat(words, "][") .. "]", out)
  end)

  it("finds programs only, and no word of the shell's", function()
    for _, word in ipairs { "nosuch", "exit", "set" } do
      local status, _, err = within(go, { word, "3" })
      assert.equal(127, status)
      assert.matches("not found", err)
    end
  end)

  it("gives programs pipes, which they may open by name", function()
    local status, out, err = sh "echo a | tee /proc/self/fd/2; readlink /proc/self/fd/2"
    assert.same({ 0, "a\n" }, { status, err })
    assert.matches("^a\npipe:", out)
  end)

  it("carries any bytes in and out, however many", function()
    local block = {}
    for i = 0, 255 do block[#block + 1] = string.char(i) end
    local bytes = table.concat(block):rep(40000)               -- 10 MB
    local status, out = within(go, { "cat" }, { stdin = feed(bytes) })
    assert.equal(0, status)
    assert.is_true(out == bytes)
  end)

  it("may print what its end looks like, as what lists processes does", function()
    local status, out = sh "tr '\\0' '\\n' </proc/$PPID/cmdline; exit 4"
    assert.equal(4, status)
    assert.matches("exec \"$@\"", out, 1, true)
    assert.matches("\nx\n$", (select(2, sh "cat /proc/*/cmdline | tr '\\0' ' '; echo; echo x")))
  end)

  it("ends input where it ends", function()
    local status, out = sh("wc -c", { stdin = feed "" })
    assert.same({ 0, "0\n" }, { status, out })
    status, out = sh("wc -c", { stdin = feed(("x"):rep(954368)) })
    assert.same({ 0, 954368 }, { status, tonumber(out) })
  end)

  it("leaves unread input to nobody", function()
    for _ = 1, 3 do
      assert.equal(0, (sh("exit 0", { stdin = feed(("old"):rep(300000)) })))
      local _, out = within(go, { "cat" }, { stdin = feed "new" })
      assert.equal("new", out)
    end
  end)

  it("waits for no child that it leaves behind, and the next one runs meanwhile", function()
    local status, out = sh "(sleep 3; echo late; echo late >/tmp/late) & echo now"
    assert.same({ 0, "now\n" }, { status, out })
    for _ = 1, 5 do assert.equal("x\n", (select(2, sh "echo x"))) end
    local _, late = sh "while ! [ -s /tmp/late ]; do sleep 0.1; done; cat /tmp/late"
    assert.equal("late\n", late)
  end)

  it("is ended when its time is over, with what it printed and all it started", function()
    local status, out, _, closed = sh("echo begun; sleep 1001 & sleep 1002", { seconds = 1 })
    assert.same({ 143, "begun\n", true }, { status, out, closed.late })
    local _, left = sh "ps | grep -c '[s]leep 100'"
    assert.equal("0\n", left)
  end)

  it("is ended by KILL when it does not hear TERM", function()
    local status = sh("trap '' TERM; while :; do sleep 0.1; done", { seconds = 0.5 })
    assert.equal(137, status)
  end)

  it("is ended when whoever follows it is gone, and its channels serve again", function()
    for _ = 1, 3 do
      within(function()
        local opened = assert(vm.streams:open({ "sh", "-c", "yes & yes" }, { owner = "somebody" }))
        local chan = assert(core.chan.connect(opened.out, 5))
        assert(chan:read(100, 5))
        chan:close()
        vm.streams:abandon "somebody"
      end)
      assert.equal("x\n", (select(2, sh "echo x")))
    end
    local _, left = sh "while pgrep yes >/dev/null; do sleep 0.1; done; echo none"
    assert.equal("none\n", left)
  end)

  it("serves many at once", function()
    local results = within(function()
      local tasks = {}
      for i = 1, 11 do
        tasks[i] = l:spawn("one", go, { "sh", "-c", "read x; sleep 0.5; echo $x" },
                           { stdin = feed(i .. "\n") })
      end
      local list = {}
      for i, task in ipairs(tasks) do list[i] = { select(2, task:join()) } end
      return list
    end)
    local served, refused = 0, 0
    for i, result in ipairs(results) do
      if result[1] then
        served = served + 1
        assert.equal(i .. "\n", result[2])
      else
        refused = refused + 1
        assert.matches("no channel into the guest", result[2])
      end
    end
    assert.is_true(served >= 9, served .. " of 11")
    assert.equal(11, served + refused)
    assert.equal("x\n", (select(2, sh "echo x")))
  end)

  it("tells whoever follows it when the guest restarts", function()
    within(function()
      local task = l:spawn("one", go, { "sleep", "1000" })
      l:sleep(0.5)
      assert(vm:qmp "system_reset")
      local _, status, why = task:join(20)
      assert.is_nil(status)
      assert.equal("the guest restarted", why)
      while vm.guest.alive do vm.guest.changed:wait() end
      assert(vm.guest:wait(60))
    end)
    assert.equal("x\n", (select(2, sh "echo x")))
  end)
end)
