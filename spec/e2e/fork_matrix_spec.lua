-- The matrix of a fork: before each step of it, which are lunik's own, each process of the clone,
-- and the program that starts it, is killed; the disk is full; there is not enough memory.
-- Afterwards the clone is whole, or gone, nothing is left, and what was saved is what it was.
local forking = require "support.faults.forking"
local house = require "support.house"
local run = require "support.run"

local STRIDE = 8

describe("a clone whose start is disturbed", function()
  local at
  local cells = {}
  setup(function() at = forking.new() end)
  after_each(function()
    if at.verb then at.verb:close() end
    at.home:settle()
  end)
  teardown(function()
    at:again()
    at:close()
    print(("forking: %d cells"):format(#cells))
    for _, cell in ipairs(cells) do print(("  %-18s %-11s %s"):format(table.unpack(cell))) end
  end)

  local count = 0

  -- A few of all are tried each time.
  local function thorough()
    count = count + 1
    return count % STRIDE == 1 and "" or " #long"
  end

  local function case(step, who)
    it(("before '%s' that its %s is killed%s"):format(step.name, who, thorough()), function()
      at:reach(step.text)
      at:kill(who)
      local code = at:finish()
      assert.is_true(code ~= 0, "it was whole, without its " .. who)
      at:is_gone()
      cells[#cells + 1] = { step.name, who, "gone" }
    end)
  end

  for _, step in ipairs(forking.steps) do
    case(step, "verb")
    case(step, "supervisor")
    if step.has.qemu then case(step, "qemu") end
  end

  -- A mount that is there already, while the next one comes.
  it("with one mount that its daemon is killed before the next one", function()
    at:reach '"label":"out"'
    at:kill "virtiofsd"
    local code = at:finish()
    if code == 0 then
      at:is_whole { mounts = "any" }
      at.home:does("down", "--force", "m-1")
    end
    at:is_gone()
    cells[#cells + 1] = { "restore: mounts", "virtiofsd", code == 0 and "whole" or "gone" }
  end)

  -- Runs a script in a mount namespace, and takes its lines for cells.
  local function apart(what, list, mounts)
    local home <close> = setmetatable(house.new(), { __index = house, __close = house.close })
    local words = {}
    for i, each in ipairs(list) do words[i] = (", %q"):format(each) end
    local text, how, status = run.lua(("arg = { %q%s } dofile 'spec/support/faults/%s.lua'")
      :format(home.dir, table.concat(words), what), { mounts = mounts
        and mounts:format(home.dir) })
    assert.same({ "exited", 0 }, { how, status }, text)
    local tried = 0
    for step, column, outcome in text:gmatch "([^\t\n]+)\t([^\t\n]+)\t([^\t\n]+)" do
      cells[#cells + 1] = { step, column, outcome }
      tried = tried + 1
    end
    return tried
  end

  it("before any step that the disk is full #long", function()
    local list = {}
    for i, step in ipairs(forking.steps) do list[i] = step.text end
    assert.equal(#list, apart("full_fork", list,
                              "mount -t tmpfs -o mode=700,size=64m lunik '%s/state'"))
  end)

  it("with too little memory for it #long", function()
    assert.is_true(apart("poor_fork", {}) > 2)
  end)
end)
