-- The states of a device: what may follow what, what is written down, and by which words.
local life = require "lunik.hotplug.life"
local sorted = require "lunik.text.sorted"

describe("the life of a device", function()
  local context, written
  before_each(function()
    written = {}
    context = { devices = {} }
    function context.write_down()
      local list = {}
      for i, device in ipairs(context.devices) do list[i] = life.word(device) end
      written[#written + 1] = table.concat(list, " ")
      return true
    end
  end)

  local function device(state)
    local one = { label = "d", state = state }
    if life.states[state].word then context.devices[1] = one end
    return one
  end

  local function allowed(from, to)
    for _, each in ipairs(life.states[from].to) do
      if each == to then return true end
    end
    return false
  end

  it("has one step for each that is declared, and raises for every other", function()
    for _, from in ipairs(sorted(life.states)) do
      for _, to in ipairs(sorted(life.states)) do
        context.devices = {}
        local one = device(from)
        if allowed(from, to) then
          assert.is_true(life.go(context, one, to))
          assert.equal(to, one.state)
        else
          assert.error_matches(function() life.go(context, one, to) end,
                               ("d: %s is not followed by %s"):format(from, to), 1, true)
          assert.equal(from, one.state)
        end
      end
    end
  end)

  it("raises for a state that is not declared", function()
    assert.error_matches(function() life.go(context, device "plugged", "asleep") end,
                         "no state 'asleep'", 1, true)
  end)

  it("has each state written down when it is reached", function()
    for _, from in ipairs(sorted(life.states)) do
      for _, to in ipairs(life.states[from].to) do
        context.devices, written = {}, {}
        life.go(context, device(from), to)
        assert.same({ life.states[to].word or "" }, written, from .. " > " .. to)
      end
    end
  end)

  it("says when it could not be written down", function()
    function context.write_down() return nil, "no room" end
    assert.same({ nil, "no room" }, { life.go(context, device "drawn", "plugging") })
  end)

  it("lists a device from its first step to its last", function()
    local one = device "drawn"
    assert.same({}, context.devices)
    for _, state in ipairs { "plugging", "plugged", "leaving", "unplugging", "stuck",
                             "unplugging" } do
      life.go(context, one, state)
      assert.same({ one }, context.devices)
    end
    life.go(context, one, "gone")
    assert.same({}, context.devices)
  end)

  it("can be led from its beginning to every state, and from every state to its end", function()
    local function reach(from, seen)
      seen[from] = true
      for _, to in ipairs(life.states[from].to) do
        if not seen[to] then reach(to, seen) end
      end
      return seen
    end
    local all = reach("drawn", {})
    for state in pairs(life.states) do
      assert(all[state], state .. " is never reached")
      assert(reach(state, {}).gone, state .. " never ends")
    end
  end)

  it("writes and reads four words, which machines of older versions have too", function()
    local words = {}
    for _, state in pairs(life.states) do words[state.word or false] = true end
    words[false] = nil
    assert.same({ "dead", "plugged", "plugging", "unplugging" }, sorted(words))
    for word, state in pairs { dead = "dead", plugged = "plugged", plugging = "plugging",
                               unplugging = "stuck" } do
      local one = {}
      life.take(context, one, word)
      assert.same({ state, word }, { one.state, life.word(one) })
    end
    local planned = {}
    life.take(context, planned, nil)
    assert.equal("plugged", planned.state)
  end)

  it("is told apart from whoever is at it", function()
    local busy = {}
    for state in pairs(life.states) do busy[state] = life.busy { state = state } end
    assert.same({ plugging = "plugged", leaving = "unplugged", unplugging = "unplugged",
                  dying = "unplugged" }, busy)
  end)
end)
