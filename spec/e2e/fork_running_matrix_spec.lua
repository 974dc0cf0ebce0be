-- The matrix of a machine that is forked while it runs: before each step of that, which is lunik's
-- own list, each process of the machine is killed, and the disk is full. Afterwards it runs as
-- before, or has ended, with nothing left; or what clones start from is whole, and they came.
local apart = require "support.faults.apart"
local away = require "support.faults.putting_away"

local STRIDE = 21

local count = 0

-- A few of all are tried each time.
local function thorough()
  count = count + 1
  return count % STRIDE == STRIDE // 2 and "" or " #long"
end

local KINDS = { { "whose disk goes with it", true }, { "whose disk is the user's", false } }

for _, kind in ipairs(KINDS) do describe("a machine that is forked, " .. kind[1], function()
  local at
  local cells = {}
  setup(function() at = away.new(nil, nil, nil, kind[2]) end)
  after_each(function()
    if at.verb then at.verb:close() end
  end)
  teardown(function()
    at:close()
    print(("forking: %d cells"):format(#cells))
    for _, cell in ipairs(cells) do print(("  %-18s %-11s %s"):format(table.unpack(cell))) end
  end)

  local outcomes = {}

  function outcomes.supervisor()
    assert.is_true(at:finish() ~= 0)
    assert.equal("unsupervised", at:state())
    at.home:does("adopt", "m")
    at:runs()
    return "adopted, runs on"
  end

  function outcomes.qemu()
    assert.is_true(at:finish() ~= 0)
    at:is_down()
    return "ended, nothing left"
  end

  -- A mount whose daemon has died cannot be taken off; nothing but a restart helps its guest.
  function outcomes.virtiofsd()
    local code = at:finish()
    if code ~= 0 then
      at:runs { mount = "any" }
      at.home:does("down", "--force", "m")
      at:is_down()
      return "runs on, the mount is lost"
    end
    at:has_clone()
    at.home:does("down", "--force", "m")
    at:is_down()
    return "runs on, its clone is whole"
  end

  local function case(step, who)
    it(("before '%s' that %s is killed%s"):format(step.name, who, thorough()), function()
      at:bring "running"
      at:reach(step.name, "fork", "m")
      at:kill(who)
      cells[#cells + 1] = { step.name, who, outcomes[who]() }
    end)
  end

  for _, who in ipairs { "supervisor", "qemu" } do
    for _, step in ipairs(away.forking) do case(step, who) end
  end

  -- Where there are daemons: until mounts are taken off, and from when they are back.
  local back = false
  for i, step in ipairs(away.forking) do
    if i == 1 or back then case(step, "virtiofsd") end
    back = back or step.name == "fork: mounts again"
  end

  -- Runs a script of support/faults on such a disk, before each of the steps that has the name.
  local function full(name)
    local words = { kind[2] and "passing" or "own" }
    for _, step in ipairs(away.forking) do
      if not name or step.name == name then words[#words + 1] = step.name end
    end
    local list = apart("full_running", words,
                       "mount -t tmpfs -o mode=700,size=300m lunik '%s/state'")
    table.move(list, 1, #list, #cells + 1, cells)
    assert.equal(#words - 1, #list)
  end

  it("before any step that the disk is full #long", function() full() end)

  -- The guest pauses while it mounts again.
  if kind[2] then it("before it goes on that the disk is full, has its mount once there is room",
                     function() full "fork: go on" end) end
end) end
