-- The matrix of a save and of a restore: before each step of theirs, which are lunik's own lists,
-- each process of the machine is killed, and the disk is full. Afterwards the machine runs, or is
-- saved whole, and can go on from there; nothing half stays.
local away = require "support.faults.putting_away"
local house = require "support.house"
local run = require "support.run"

local STRIDE = 12

describe("a machine that is put away and taken up again", function()
  local at
  local cells = {}
  setup(function() at = away.new() end)
  after_each(function()
    if at.verb then at.verb:close() end
  end)
  teardown(function()
    at:close()
    print(("saving: %d cells"):format(#cells))
    for _, cell in ipairs(cells) do print(("  %-18s %-11s %s"):format(table.unpack(cell))) end
  end)

  -- What becomes of a machine whose process died before a step of that phase: what it is then.
  local outcomes = { save = {}, restore = {} }

  local function adopted()
    assert.equal("unsupervised", at:state())
    at.home:does("adopt", "m")
  end

  -- The save of a machine that is adopted is taken back, or was done.
  function outcomes.save.supervisor(phase)
    assert.is_true(at:finish() ~= 0)
    adopted()
    if phase == "undone" then
      at:runs()
      return "adopted, runs on"
    end
    at:is_saved()
    return "adopted, is saved"
  end

  function outcomes.save.qemu(phase)
    local code = at:finish()
    if phase == "undone" then
      assert.is_true(code ~= 0)
      at:is_down()
      return "ended, nothing left"
    end
    assert.equal(0, code, at.verb.text)
    at:is_saved()
    return "is saved"
  end

  -- A mount whose daemon has died cannot be taken off; nothing but a restart helps its guest.
  function outcomes.save.virtiofsd()
    local code = at:finish()
    if code == 0 then
      at:is_saved()
      return "is saved"
    end
    at:runs { mount = "any" }
    at.home:does("down", "--force", "m")
    at:is_down()
    return "runs on, the mount is lost"
  end

  function outcomes.restore.supervisor(phase)
    assert.is_true(at:finish() ~= 0)
    if phase == "undone" then
      at:is_saved()
      return "undone, is saved"
    end
    adopted()
    at:settles()
    at:runs()
    return "adopted, runs"
  end

  function outcomes.restore.qemu(phase)
    assert.is_true(at:finish() ~= 0)
    if phase ~= "moved" then
      at:is_saved()
      return (phase == "undone" and "undone" or "ended") .. ", is saved"
    end
    at:has_moved()
    return "ended, the disk has moved on"
  end

  function outcomes.restore.virtiofsd()
    assert.equal(0, at:finish(), at.verb.text)
    at:runs { mount = "any" }
    at.home:does("down", "--force", "m")
    at:is_over()
    return "runs, the mount is lost"
  end

  local WANTED = { save = "running", restore = "saved" }

  -- What each step came to, whose disk is full from there on.
  local function full(list)
    local home <close> = setmetatable(house.new(), { __index = house, __close = house.close })
    local words = {}
    for i, step in ipairs(list) do words[i] = ("%q"):format(step) end
    local text, how, status = run.lua(("arg = { %q, %s } dofile 'spec/support/faults/full.lua'")
      :format(home.dir, table.concat(words, ", ")), { mounts =
        ("mount -t tmpfs -o mode=700,size=300m lunik '%s/state'"):format(home.dir) })
    assert.same({ "exited", 0 }, { how, status }, text)
    local tried = 0
    for step, outcome in text:gmatch "([^\t\n]+)\t([^\t\n]+)" do
      cells[#cells + 1] = { step, "full disk", outcome }
      tried = tried + 1
    end
    assert.equal(#list, tried)
  end

  local count = 0

  -- A few of all are tried each time.
  local function thorough()
    count = count + 1
    return count % STRIDE == 0 and "" or " #long"
  end

  local function case(verb, step, who)
    it(("before '%s' that %s is killed%s"):format(step.name, who, thorough()), function()
      at:bring(WANTED[verb])
      at:reach(step.name, table.unpack(verb == "save" and { "save", "m", at.saved }
        or { "restore", at.saved }))
      at:kill(who)
      cells[#cells + 1] = { step.name, who, outcomes[verb][who](step.phase) }
    end)
  end

  for _, who in ipairs { "supervisor", "qemu" } do
    for _, step in ipairs(away.saving) do case("save", step, who) end
    for _, step in ipairs(away.restoring) do case("restore", step, who) end
  end

  -- Where there are daemons: until mounts are taken off, and from when they are back.
  case("save", away.saving[1], "virtiofsd")
  for _, step in ipairs(away.restoring) do
    if step.name:find "^commit" then case("restore", step, "virtiofsd") end
  end

  local some, others = {}, {}
  for _, list in ipairs { away.saving, away.restoring } do
    for i, step in ipairs(list) do
      local to = i % STRIDE == STRIDE // 2 and some or others
      to[#to + 1] = step.name
    end
  end

  it("before some steps that the disk is full", function() full(some) end)
  it("before any other that the disk is full #long", function() full(others) end)
end)
