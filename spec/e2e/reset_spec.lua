-- A guest that has reset is not ready until what `ready =` names holds again, of the new guest.
local house = require "support.house"

describe("a machine whose guest resets", function()
  local home
  setup(function() home = house.new() end)
  teardown(function() home:close() end)
  after_each(function() home:clear() end)

  local function is_ready() return home:json("status", "r", "--json").ready end

  -- Resets it, and looks at it as soon as that is known, and once it is waited for.
  local function over_a_reset(items)
    home:does("up", home:small("r", items))
    assert.is_true(is_ready())
    local events = home:start({}, "events", "-f", "r")
    home:does("reset", "r")
    events:expect "RESET"
    events:close()
    assert.is_false(is_ready())
    home:does("wait", "r", "--for", "ready")
    assert.is_true(is_ready())
  end

  it("is ready by ssh when one can log in again", function()
    over_a_reset 'nic {}, ssh { key = guest .. "/id_ed25519" },'
    assert.equal("yes\n", (home:does("exec", "r", "echo", "yes")))
  end)

  it("is ready by its console when the new guest has said so", function()
    over_a_reset 'console {}, ready = "console: lunik guest ready",'
  end)
end)
