-- The fault matrix: at every step of a machine's life every process is killed, and everything that
-- takes space or a descriptor is made to fail. Nothing may be left that should not be, `lunik ls`
-- tells the truth, and the machine can be started again.
local after = require "support.faults.after"
local core = require "lunik.core"
local run = require "support.run"
local stations = require "support.faults.stations"

local PATIENCE = 90
local SIGKILL = 9

local cells = {}

local function note(row, column, outcome)
  cells[#cells + 1] = { row, column, outcome }
end

local function print_table()
  print(("faults: %d cells"):format(#cells))
  for _, cell in ipairs(cells) do
    print(("  %-12s %-22s %s"):format(cell[1], cell[2], cell[3]))
  end
end

-- What each kill leads to; `code` is that of the verb that was at work.
local UNDONE = { code = 3, text = "undone" }
local function reported(at)
  return { text = "reported, runs on", code = at }
end

-- station -> victim -> outcome
local expected = {
  files = { cli = UNDONE, supervisor = UNDONE, ["qemu-img"] = UNDONE },
  handshake = { cli = UNDONE, supervisor = UNDONE, qemu = UNDONE, virtiofsd = UNDONE },
  started = { cli = UNDONE, supervisor = UNDONE, qemu = UNDONE, virtiofsd = UNDONE },
  ready = { cli = UNDONE, supervisor = { text = "unsupervised, adopted", code = 3, adopt = true },
            qemu = { text = "ended, said", code = 7, ended = "killed" }, virtiofsd = reported() },
  running = { supervisor = { text = "unsupervised, adopted", adopt = true },
              qemu = { text = "ended, said", ended = "killed" }, virtiofsd = reported() },
  ["stop hook"] = { cli = { text = "goes on", again = true },
                    supervisor = { text = "unsupervised, adopted", code = 4, adopt = true },
                    qemu = { text = "down", code = 7, ended = "killed" },
                    virtiofsd = { text = "goes on", again = true } },
  powerdown = { cli = { text = "goes on", again = true },
                supervisor = { text = "unsupervised, adopted", code = 4, adopt = true },
                qemu = { text = "down", code = 7, ended = "killed" },
                virtiofsd = { text = "goes on", again = true } },
  quit = { cli = { text = "goes on", again = true },
           supervisor = { text = "unsupervised, killed", code = 4, again = true },
           qemu = { text = "down", code = 0, ended = "killed" },
           virtiofsd = { text = "goes on", again = true } },
  ["exit hook"] = { cli = { text = "goes on", wait = true },
                    supervisor = { text = "gone, cleaned", code = 4, gone = true } },
}

describe("a fault", function()
  local at, home
  setup(function()
    at = stations.new()
    home = at.home
  end)
  after_each(function() home:clear() end)
  teardown(function()
    at:close()
    print_table()
  end)

  -- The verb that was at work says what happened, and never that it is a bug.
  local function said(code)
    local how, status = at.cli:wait(PATIENCE)
    assert.equal("exited", how, at.cli.text)
    assert.is_nil(at.cli.text:find("bug", 1, true), at.cli.text)
    if code then assert.equal(code, status, at.cli.text) end
  end

  local function kill(victim)
    local proc = assert(core.proc.open(assert(at.pids[victim], "no such process: " .. victim)))
    proc:signal(SIGKILL)
    assert.is_truthy(proc:wait(PATIENCE))
    proc:close()
    if victim == "cli" then at.cli:wait(PATIENCE) end
  end

  local function taken_over()
    assert.equal("unsupervised", (after.state(home)))
    home:does("adopt", "m")
    local state, one = after.state(home)
    assert.same({ "running", true }, { state, one.supervisor.adopted })
    home:does("down", "--force", "m")
  end

  local function runs_on(outcome)
    local events = home:start({}, "events", "-f", "m")
    events:expect("helper fs%-work: [^\n]*; the mount 'work' is taken", PATIENCE)
    events:expect("HOOK helper fs%-work", PATIENCE)
    events:close()
    local state, one = after.state(home)
    -- nothing in there answers: its port is not free before QEMU says so
    assert.same({ "running", 0, "unplugging" }, { state, #one.helpers, one.mounts[1].state })
    home:lunik("down", "--force", "m")
    if outcome.code then said(outcome.code) end
  end

  local function settle(victim, outcome)
    if at.cli and victim ~= "cli" and outcome.text ~= "reported, runs on" and not outcome.again then
      said(outcome.code)
    end
    if outcome.adopt then
      taken_over()
    elseif outcome.text == "reported, runs on" then
      runs_on(outcome)
    elseif outcome.ended then
      after.gone(home)
      local state, one = after.state(home)
      assert.same({ "down", outcome.ended }, { state, one.ended.kind })
    elseif outcome.again then
      home:lunik("down", "--force", "m")
      home:lunik("down", "--force", "m")
    elseif outcome.gone then
      assert.equal("gone", (after.state(home)))
      home:does("down", "m")
    end
    after.nothing(home)
    after.again(home, at.recipe)
  end

  it("of space and of descriptors, at whatever step it comes", function()
    local text, how, status = run.lua(
      ("arg = { %q, %s } dofile 'spec/support/faults/scarce.lua'"):format(home.dir,
        require "posix.unistd".geteuid() ~= 0 and "'user'" or "nil"),
      { mounts = "true" })
    assert.same({ "exited", 0 }, { how, status }, text)
    local failures = 0
    for row, column, code, words in text:gmatch "([^\t\n]+)\t([^\t\n]+)\t(%d+)\t([^\n]*)" do
      local why = words:gsub("^.*lunik %l+:;? ?", ""):gsub(home.dir, ""):sub(1, 80)
      note(row, column, code == "0" and (words:match "^adopt.*" or "works") or why)
      failures = failures + (code == "0" and 0 or 1)
    end
    assert.is_true(failures >= 30, "too few: " .. text)
  end)

  for _, station in ipairs(stations.order) do
    local victims = {}
    for victim in pairs(expected[station]) do victims[#victims + 1] = victim end
    table.sort(victims)
    for _, victim in ipairs(victims) do
      it(("at '%s' that kills %s"):format(station, victim), function()
        at:reach(station)
        kill(victim)
        settle(victim, expected[station][victim])
        note(station, "kills " .. victim, expected[station][victim].text)
      end)
    end
  end
end)
