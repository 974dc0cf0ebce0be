-- `lunik up` of a machine that runs already: it says what has changed since, and what to type.
local house = require "support.house"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

describe("a machine that runs already", function()
  local home, env
  setup(function()
    home = house.new()
    env = { table.unpack(home.env) }
    stat.mkdir(home.dir .. "/other", 448)
  end)
  after_each(function()
    home.env = { table.unpack(env) }
    home:clear()
  end)
  teardown(function() home:close() end)

  local RECIPE = [[
    local word, text = env "WORD" or "none", read "text"
    return machine { name = "m", accel = "tcg", memory = "64M", paused = true,
      on("ready", function() print(word, text) end) }]]

  local function started(...)
    scratch.write(home.dir .. "/text", "as it was")
    home:recipe("m", RECIPE)
    home:does("up", "m.lua", ...)
  end

  -- What is said behind why it is refused.
  local function says(expected, ...)
    local status, _, errors = home:lunik("up", ...)
    assert.equal(3, status)
    assert.equal(expected, errors:match "^lunik up: machine 'm' is already running[^;]+(.*)\n$")
  end

  it("as its recipe has it is told so, whoever asks", function()
    started("--set", "cpus=2")
    for _, words in ipairs { { "m" }, { "m.lua" }, { "./m.lua", "--set", "cpus=2" },
                             { home.dir .. "/m.lua" } } do
      says("; its recipe has not changed since", table.unpack(words))
    end
  end)

  it("has another recipe, text, variable or setting now", function()
    started()
    says("; changed since: --set cpus=2; lunik restart m --set cpus=2 takes it", "m", "--set",
         "cpus=2")
    table.insert(home.env, "WORD=other")
    says("; changed since: the variable WORD; lunik restart m takes it", "m")
    scratch.write(home.dir .. "/text", "as it is")
    home:recipe("m", RECIPE .. " -- changed")
    says("; changed since: m.lua, text, the variable WORD; lunik restart m takes it", "m.lua")
    home:does("restart", "--force", "m")
    says("; its recipe has not changed since", "m.lua")
  end)

  it("would be another one on this host now", function()
    started()
    local path = home.dir .. "/run/lunik/m/snapshot"
    local text = scratch.read(path)
    scratch.write(path, (text:gsub('"64M"', '"65M"')))
    says("; changed since: what lunik makes of its recipe on this host; lunik restart m takes it",
         "m")
    scratch.write(path, "no snapshot")
    says("", "m")
  end)

  it("by another recipe is not held against it", function()
    started()
    scratch.write(home.dir .. "/other/m.lua", "return machine { name = 'm', accel = 'tcg' }")
    local status, _, errors = home:lunik("up", "other/m.lua")
    assert.equal(3, status)
    assert.matches(", from " .. home.dir .. "/m.lua %(pid %d+ holds [^;]+%)\n$", errors)
  end)
end)
