-- The matrix of a fork: before each step of it, which are lunik's own, each process of the clone,
-- and the program that starts it, is killed; the disk is full; there is not enough memory.
-- Afterwards the clone is whole, or gone, nothing is left, and what was saved is what it was.
local apart = require "support.faults.apart"
local forking = require "support.faults.forking"

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

  -- Runs a script of support/faults: how many cells it has tried.
  local function try(...)
    local list = apart(...)
    table.move(list, 1, #list, #cells + 1, cells)
    return #list
  end

  it("before any step that the disk is full #long", function()
    local list = {}
    for i, step in ipairs(forking.steps) do list[i] = step.text end
    assert.equal(#list, try("full_fork", list,
                            "mount -t tmpfs -o mode=700,size=64m lunik '%s/state'"))
  end)

  it("with too little memory for each of its processes #long", function()
    assert.is_true(try("poor_fork", { "each" }) > 2)
  end)

  it("with too little memory for all of them together, where cgroups may be made #long", function()
    try("poor_fork", { "together" })
  end)
end)
