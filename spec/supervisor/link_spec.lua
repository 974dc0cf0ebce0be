-- What a supervisor hears from whoever started it, who may be anybody.
local core = require "lunik.core"
local link = require "lunik.supervisor.link"
local loop = require "lunik.async.loop"

describe("the link to who started a machine", function()
  -- What the supervisor makes of an answer to its question where the recipe has something.
  local function found(answer)
    local l <close> = loop.new()
    return l:run(function()
      local ours, theirs = assert(core.chan.pair())
      local supervisor = link.new(l, theirs)
      local hearing = l:spawn("asked", function() return supervisor:asked() end)
      local asking = l:spawn("where", function() return supervisor:where({ "x: bad" }, "QEMU") end)
      local starter = link.new(l, ours)
      assert.same({ kind = "where", lines = { "x: bad" }, text = "QEMU" }, starter:hear())
      assert(ours:send(answer .. "\n", 5))
      local _, at = asking:join()
      hearing:cancel()
      starter:close()
      supervisor:close()
      return at
    end)
  end

  it("carries the line of a recipe", function()
    assert.equal("vm.lua:3", found '{"at":"vm.lua:3"}')
  end)

  it("takes an answer that is no text for none", function()
    for _, answer in ipairs { "{}", '{"at":null}', '{"at":5}', '{"at":true}', '{"at":["vm.lua"]}',
      '{"at":{"at":"vm.lua"}}' } do
      assert.is_nil(found(answer), answer)
    end
  end)
end)
