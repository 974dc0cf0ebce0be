-- alone: what is measured is how a process under full load answers
-- A supervisor that is flooded from every channel at once answers those who read, and what it
-- costs is bounded, and gone soon after. Figures are printed; of them only memory is asserted,
-- where no sanitizer has its own.
local core = require "lunik.core"
local loop = require "lunik.async.loop"
local program = require "support.program"
local run = require "support.run"
local scratch = require "support.scratch"
local unistd = require "posix.unistd"
local wait = require "lunik.async.wait"

local SECONDS = tonumber(os.getenv "FLOOD_SECONDS") or 30
local READERS, DEAF = 3, 61
local MOST, BACK = 32, 4   -- megabytes over idle: 16 are what clients leave unread; afterwards

describe("a flooded supervisor", function()
  local dir, server, l
  local idle, most = nil, 0

  setup(function()
    dir, l = scratch.new(), loop.new()
    local reader, writer = unistd.pipe()
    server = program.start({ run.interpreter, "-e", ("package.path = %q package.cpath = %q"):format(
      package.path, package.cpath), "spec/support/flooded.lua", dir, ("%d"):format(SECONDS) },
      { env = { "PATH=" .. os.getenv "PATH", "LUA=" .. run.interpreter }, input = reader })
    server.question = writer
    unistd.close(reader)
    server:expect("ready\n", 60)
  end)
  teardown(function()
    l:close()
    server:close()
    scratch.remove(dir)
  end)

  -- Megabytes that are its own: not those of programs and libraries, which it shares.
  local function resident()
    local file <close> = assert(io.open(("/proc/%d/status"):format(server.proc:pid())))
    return math.tointeger(file:read "a":match "RssAnon:%s+(%d+)") / 1024
  end

  local function connect()
    local chan = core.chan.connect(dir .. "/control.sock", 10)
    if not chan or not wait.line(l, chan, 60, 1 << 20) then return nil end
    chan:send('{"execute":"qmp_capabilities"}', 10)
    return chan
  end

  -- Asks, and reads whatever else is said meanwhile; seconds that each answer took go into `times`.
  local function read(chan, ends, times)
    while l.now() < ends do
      local began = l.now()
      assert(chan:send('{"execute":"lunik-status"}', 10))
      local line
      repeat line = assert(wait.line(l, chan, 60, 1 << 20)) until line:find '^{"return"'
      times[#times + 1] = l.now() - began
    end
    chan:close()
  end

  -- Sends what there is room for, and never reads; one that is cut off comes again.
  local function be_deaf(ends)
    local chan = connect()
    while l.now() < ends do
      local ok, _, code = true, nil, nil
      if chan then ok, _, code = chan:send(('{"execute":"query-commands"}'):rep(32), 0) end
      if not chan or not ok and code == require "posix.errno".EPIPE then chan = connect() end
      l:sleep(0.05)
    end
    if chan then chan:close() end
  end

  local function share(times, part)
    return times[math.max(1, math.ceil(#times * part))] * 1000
  end

  -- What it loads when it is asked for the first time is no burden of the flood.
  local function warm_up()
    local one = assert(connect())
    read(one, l.now() + 0.5, {})
    l:sleep(2.5)
  end

  it("answers those who read", function()
    local times = {}
    l:run(function()
      warm_up()
      idle = resident()
      unistd.write(server.question, "go\n")
      local ends, tasks = l.now() + SECONDS, {}
      for _ = 1, READERS do
        tasks[#tasks + 1] = l:spawn("reader", read, assert(connect()), ends, times)
      end
      for _ = 1, DEAF do tasks[#tasks + 1] = l:spawn("deaf", be_deaf, ends) end
      while l.now() < ends do
        most = math.max(most, resident())
        l:sleep(0.1)
      end
      for _, task in ipairs(tasks) do assert(task:join()) end
    end)
    table.sort(times)
    io.stdout:write(("flood: %d s, %d answers in %.0f ms at the median, %.0f ms at the 99th "
      .. "percentile, %.0f ms at most\n"):format(SECONDS, #times, share(times, 0.5),
                                                 share(times, 0.99), share(times, 1)))
    assert.is_true(#times >= READERS)
  end)

  it("stays within its memory, and gives it back #measured", function()
    local ends = l.now() + 20
    l:run(function()
      repeat l:sleep(0.2) until resident() - idle <= BACK or l.now() > ends
    end)
    local after = resident()
    io.stdout:write(("flood: resident %.1f MB idle, %.1f MB at most, %.1f MB after\n")
      :format(idle, most, after))
    assert.is_true(most - idle <= MOST, ("%.1f MB over idle"):format(most - idle))
    assert.is_true(after - idle <= BACK, ("%.1f MB over idle afterwards"):format(after - idle))
  end)

  it("ends when it is asked to, and has told its hooks of events meanwhile", function()
    unistd.close(server.question)
    local how = { server:wait(60) }
    assert.same({ "exited", 0 }, how, server.text)
    assert.is_true(math.tointeger(server.text:match "heard (%d+)") > 30 * SECONDS, server.text)
  end)
end)
