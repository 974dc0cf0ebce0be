-- SPDX-License-Identifier: MIT
-- What reading a recipe may cost as a whole, on a host made of tables.
local budget = require "lunik.schema.budget"
local fakehost = require "support.fakehost"
local lunik = require "lunik"

local folder = "/home/dev/vm"

local function problems_of(text, over)
  local host = fakehost.new(over)
  function host.contents() return text end
  local plan, problems = lunik.plan("vm.lua", { host = host, dir = folder })
  assert.is_nil(plan)
  return problems
end

local function why(text, over) return lunik.text(problems_of(text, over)) end

local late = "more processor time is taken than reading may"

describe("the budget of reading", function()
  local seconds, unwatched = budget.seconds, budget.unwatched

  before_each(function() budget.seconds, budget.unwatched = 0.05, 0 end)
  after_each(function() budget.seconds, budget.unwatched = seconds, unwatched end)

  it("is one for all hooks", function()
    local problems = problems_of [[local t = {}
      local function busy() while true do end end
      for i = 1, 50 do t[i] = on("configure", busy) end
      return machine { t }]]
    assert.equal(1, #problems)
    assert.matches("^vm.lua:2: " .. late, lunik.text(problems))
  end)

  it("is one for the recipe and its hooks", function()
    local text = why [[local n = 0
      while n < 3e6 do n = n + 1 end
      return machine { on("plan", function() while true do end end) }]]
    assert.matches("^vm.lua:[23]: " .. late, text)
  end)

  it("is not caught by the recipe", function()
    assert.matches("^vm.lua:1: " .. late,
      why "while true do pcall(function() while true do end end) end")
  end)

  it("ends Lua's compiler at a line", function()
    local parts, names = {}, {}
    for i = 1, 196 do names[i] = "a" .. i end
    for i = 1, 150 do parts[i] = "local function f()\nlocal " .. table.concat(names, ",") end
    local problems = problems_of(table.concat(parts, "\n") .. ("\nx = y"):rep(100000))
    assert.equal(1, #problems)
    assert.matches("^vm.lua:%d%d%d+: " .. late .. "$", lunik.text(problems))
  end)

  it("ends lunik's own work at the line that it is about", function()
    local text = why([[return machine {
      disk { file = "a.raw" },
      disk { file = "missing.raw" } }]], { list = function()
        while true do end
      end })
    assert.equal("vm.lua:3: " .. late, text)
  end)

  it("ends a plan", function()
    local text = why([[return machine {
      nic {},
      mount { from = "." } }]], { virtiofsd = function()
        while true do budget.at(nil) end
      end })
    assert.equal("vm.lua:3: " .. late, text)
  end)

  it("begins anew for each recipe", function()
    why "while true do end"
    local host = fakehost.new()
    function host.contents() return "return machine {}" end
    assert.is_table(lunik.plan("vm.lua", { host = host, dir = folder }))
  end)

  it("leaves no bound and no hook behind", function()
    why "while true do end"
    assert.is_nil((debug.gethook()))
    local from = os.clock()
    while os.clock() - from < 0.1 do budget.at(nil) end
  end)

  it("lists a folder once, whatever is missing in it", function()
    local lists = 0
    local text = why([[return machine {
      disk { file = "missing1.raw" }, disk { file = "missing2.raw" } }]], {
        list = function()
          lists = lists + 1
          return { "missing3.raw" }
        end })
    assert.matches("missing1.raw'; did you mean 'missing3.raw'", text)
    assert.matches("missing2.raw'; did you mean 'missing3.raw'", text)
    assert.equal(1, lists)
  end)
end)
