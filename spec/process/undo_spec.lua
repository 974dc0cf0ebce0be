local loop = require "lunik.async.loop"
local undo = require "lunik.process.undo"

describe("undo", function()
  local order
  before_each(function() order = {} end)

  local function step(name, ...)
    local answer = table.pack(...)
    return function()
      order[#order + 1] = name
      return table.unpack(answer, 1, answer.n)
    end
  end

  it("takes things back in reverse when its scope is left", function()
    do
      local started <close> = undo.new()
      started:push("first", step("first", true))
      started:push("second", step("second", true))
    end
    assert.same({ "second", "first" }, order)
  end)

  it("takes things back when its scope is left by an error", function()
    pcall(function()
      local started <close> = undo.new()
      started:push("only", step("only", true))
      error "on the way"
    end)
    assert.same({ "only" }, order)
  end)

  it("goes on after a step that fails or raises, and keeps every failure", function()
    local started = undo.new()
    started:push("remove a", step("a", nil, "busy"))
    started:push("remove b", function() error "odd" end)
    started:push("remove c", step("c", true))
    local failures = started:run()
    assert.same({ "c", "a" }, order)
    assert.equal(2, #failures)
    assert.matches("^remove b: .*odd", failures[1])
    assert.equal("remove a: busy", failures[2])
  end)

  it("runs nothing after its steps were released to an heir", function()
    local heir
    do
      local started <close> = undo.new()
      started:push("kept", step("kept", true))
      heir = started:release()
    end
    assert.same({}, order)
    heir:run()
    assert.same({ "kept" }, order)
  end)

  it("runs each step once", function()
    local started = undo.new()
    started:push("once", step("once", true))
    started:run()
    started:run()
    assert.same({ "once" }, order)
  end)

  it("forgets a thing that took itself back", function()
    local started = undo.new()
    local entry = started:push("gone", step("gone", true))
    started:push("kept", step("kept", true))
    assert.is_true(started:forget(entry))
    assert.is_false(started:forget(entry))
    started:run()
    assert.same({ "kept" }, order)
  end)

  it("runs steps that steps have pushed", function()
    local started = undo.new()
    started:push("outer", function()
      started:push("inner", step("inner", true))
      return true
    end)
    started:run()
    assert.same({ "inner" }, order)
  end)

  it("may wait in a step, also when closed by its scope", function()
    local l = loop.new()
    l:run(function()
      local started <close> = undo.new()
      started:push("slow", function()
        l:sleep(0.001)
        order[#order + 1] = "slept"
        return true
      end)
    end)
    assert.same({ "slept" }, order)
  end)
end)
