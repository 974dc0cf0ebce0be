-- What a supervisor loads. That of a recipe without hooks has no use for the planner, the rows of
-- the families or the recipe's half of lunik, and does not load them: that is why it is small, and
-- `up` fast.
local house = require "support.house"
local scratch = require "support.scratch"

-- Lua runs it before the program (LUA_INIT, lua(1)).
local INIT = [[
  local real, to = require, %q
  if arg[1] == "supervise" then
    function require(name)
      local file = assert(io.open(to, "a"))
      file:write(name, "\n")
      file:close()
      return real(name)
    end
  end]]

local NEVER = { "^lunik%.device", "^lunik%.plan$", "^lunik%.plan%.hook", "^lunik%.machine",
  "^lunik%.recipe$", "^lunik%.recipe%.environment", "^lunik%.qemu", "^lunik%.hotplug%.draw",
  "^lunik%.import", "^lunik%.reference", "^lunik$", "^argparse", "^lunik%.supervisor%.machines",
  "^lunik%.supervisor%.client", "^lunik%.recipe%.pattern", "^lunik%.vm%.cause",
  "^lunik%.vm%.streams%.follow", "^lunik%.vm%.streams%.terminal", "^lunik%.process%.idmap",
  "^lunik%.hotplug%.unplug" }

describe("the supervisor of a recipe", function()
  local home
  before_each(function() home = house.new() end)
  after_each(function() home:close() end)

  -- The modules that it has loaded after it was asked for this and that.
  local function loaded(items)
    local list = home.dir .. "/loaded"
    home.env[#home.env + 1] = "LUA_INIT=@" .. scratch.write(home.dir .. "/init.lua",
                                                            INIT:format(list))
    home:does("up", home:recipe("m", ([[return machine { name = "m", accel = "tcg", memory = "64M",
      hotplug { ports = 2 }, %s }]]):format(items)))
    for _, verb in ipairs { "status", "mounts", "slots", "pause" } do home:does(verb, "m") end
    home:does("down", "--force", "m")
    local names = {}
    for name in io.lines(list) do names[name] = true end
    return names
  end

  it("without hooks loads neither planner nor rows", function()
    local names, wrong = loaded "", {}
    assert.is_true(names["lunik.supervisor"] and names["lunik.vm"])
    for name in pairs(names) do
      for _, pattern in ipairs(NEVER) do
        if name:find(pattern) then wrong[#wrong + 1] = name end
      end
    end
    assert.same({}, wrong)
  end)

  it("with a hook reads the recipe again", function()
    assert.is_true(loaded 'on("STOP", function() end)'["lunik.recipe"])
  end)
end)
