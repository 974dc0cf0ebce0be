-- What lunik is born with: standard descriptors that are closed or odd, limits that are low.
local after = require "support.faults.after"
local core = require "lunik.core"
local house = require "support.house"
local run = require "support.run"
local scratch = require "support.scratch"
local unistd = require "posix.unistd"

local PATIENCE = 90

describe("lunik born", function()
  local home, recipe
  setup(function()
    home = house.new()
    recipe = home:recipe("m", "return machine { name = 'm', accel = 'tcg', memory = '64M' }")
  end)
  after_each(function() home:clear() end)
  teardown(function() home:close() end)

  -- A line of sh, with "lunik" in $L and the recipe in $R: status, what it wrote on 9.
  local function sh(line)
    local reader, writer = unistd.pipe()
    local env = table.move(home.env, 1, #home.env, 3, { "L=" .. house.program, "R=" .. recipe })
    local child, out = run.start { argv = { "sh", "-c", line }, env = env, path = true,
                                   cwd = home.dir, fds = { [2] = writer, [9] = writer } }
    unistd.close(writer)
    local text = run.drain(out) .. run.drain(reader)
    local how, status = child:wait(60)
    assert.equal("exited", how)
    return status, text
  end

  it("with closed standard descriptors does what it is asked to, whichever they are", function()
    for _, closed in ipairs { "<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-",
                              "<&- >&- 2>&-" } do
      assert.equal(0, (sh("exec $L up --paused $R " .. closed)), closed)
      assert.equal("paused", home:json("status", "m", "--json").state)
      assert.equal(0, (sh("exec $L down --force m " .. closed)), closed)
      after.nothing(home)
    end
  end)

  it("with a closed standard output says that it cannot write", function()
    local status, text = sh "exec $L argv $R >&-"
    assert.same({ 1, "lunik: cannot write: Bad file descriptor\n" }, { status, text })
  end)

  it("with all of them closed fails as ever, and leaves nothing", function()
    home:recipe("bad", "return machine { name = 'm', raw { '-device', 'none-such' } }")
    assert.equal(3, (sh "exec $L up bad.lua <&- >&- 2>&-"))
    after.nothing(home)
  end)

  -- A supervisor that was handed its link, and `also` as its standard descriptors.
  local function supervisor(also)
    local ours, theirs = core.chan.pair()
    local fds = { [3] = theirs:fd() }
    for _, number in ipairs(also) do fds[number] = ours:fd() end
    local proc = assert(core.proc.spawn { argv = { house.program, "supervise" }, env = home.env,
                                          fds = fds, session = true })
    theirs:close()
    return proc, ours
  end

  it("a supervisor ends with its starter, though it has the starter's end of their link", function()
    for _, also in ipairs { {}, { 0 }, { 1 }, { 2 }, { 0, 1, 2 } } do
      local proc <close>, link = supervisor(also)
      link:close()
      assert.equal("exited", (proc:wait(PATIENCE)))
    end
  end)

  it("a pair of sockets never has the numbers of standard descriptors", function()
    local text, how, code = run.lua([[
      local core, unistd = require "lunik.core", require "posix.unistd"
      unistd.close(0)
      unistd.close(2)
      local a, b = core.chan.pair()
      print(a:fd() > 2 and b:fd() > 2)
    ]], {})
    assert.same({ "true\n", "exited", 0 }, { text, how, code })
  end)

  it("with low soft limits gives QEMU the hard ones, and none of it is said", function()
    local status, text = sh "ulimit -S -n 256; ulimit -S -f 1000; exec $L up --paused $R"
    assert.equal(0, status)
    assert.is_nil(text:find("ulimit", 1, true))
    local pid = home:json("status", "m", "--json").qemu.pid
    local limits = scratch.read(("/proc/%d/limits"):format(pid))
    for _, name in ipairs { "Max open files", "Max file size", "Max data size" } do
      local soft, hard = limits:match(name .. "%s+(%S+)%s+(%S+)")
      assert.equal(hard, soft)
    end
    home:does("down", "--force", "m")
  end)

  it("with low hard limits notes them where the machine may want more", function()
    home:recipe("shares", ([[return machine { name = "m", accel = "tcg", memory = "64M",
      mount { from = %q, tag = "x" } }]]):format(home.dir))
    local status, text = sh "ulimit -n 256; ulimit -f 1000000; exec $L up --paused shares.lua"
    assert.equal(0, status, text)
    assert.matches("m: a process may have 256 files open at most %(ulimit %-Hn%); "
                   .. "a daemon may want 1024\n", text)
    assert.matches("m: files end at %d+ KiB %(ulimit %-Hf%): disks, logs, shared memory\n", text)
    home:does("down", "--force", "m")
    status, text = sh "ulimit -n 256; exec $L up --paused $R"
    assert.equal(0, status)
    assert.is_nil(text:find("ulimit", 1, true))
    home:does("down", "--force", "m")
  end)

  it("with a runtime directory of nobody's names the variable", function()
    local status, text = sh "XDG_RUNTIME_DIR=relative exec $L ls"
    assert.equal(0, status)
    assert.matches("lunik: note: XDG_RUNTIME_DIR is relative: not an absolute path; "
                   .. "what runs is kept in /", text)
  end)
end)
