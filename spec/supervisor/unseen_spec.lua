-- A console that goes nowhere, and a screen that is none: said at the start, and to whoever asks.
local house = require "support.house"
local signal = require "posix.signal"

local PATIENCE = 90
local CONSOLE = "what the guest says goes nowhere: it has no console; "
                .. "console {} in the recipe gives it one\n"
local CARD = "it has no graphics card; qemu.device { \"VGA\" } in the recipe gives it one\n"

local function count(text, part)
  local found, at = 0, 0
  repeat
    at = text:find(part, at + 1, true)
    found = found + (at and 1 or 0)
  until not at
  return found
end

describe("a machine that nobody sees anything of", function()
  local home
  setup(function() home = house.new() end)
  after_each(function() home:clear() end)
  teardown(function() home:close() end)

  local function recipe(name, items)
    return home:recipe(name, ("return machine { name = %q, accel = 'tcg', memory = '64M', "
      .. "type = 'q35', %s }"):format(name, items or ""))
  end

  it("says so once when it is up", function()
    local _, errors = home:does("up", recipe("one", "defaults = false, display = 'none'"))
    assert.equal(1, count(errors, "one: " .. CONSOLE), errors)
    _, errors = home:does("up", recipe("two", ("qemu.vnc { %q }"):format("unix:" .. home.dir
      .. "/vnc")))
    assert.equal(1, count(errors, "two: qemu.vnc shows nothing of the guest: " .. CARD), errors)
    _, errors = home:does("up", recipe "three")
    assert.equal(0, count(errors, "it has no "), errors)
  end)

  it("says so in the foreground", function()
    local one = home:start({}, "run", recipe("one", "defaults = false, display = 'none'"))
    one:expect("lunik: what the guest says goes nowhere", PATIENCE)
    one:expect("ready after", PATIENCE)
    one.proc:signal(signal.SIGTERM)
    one:expect("asking the guest", PATIENCE)
    one.proc:signal(signal.SIGTERM)
    one:wait(PATIENCE)
    assert.equal(1, count(one.text, "lunik: " .. CONSOLE), one.text)
  end)

  it("has no picture of its screen, and says which word it lacks", function()
    home:does("up", recipe "one")
    local status, _, errors = home:lunik("screenshot", "one", "x.ppm")
    assert.equal(1, status)
    assert.equal("lunik screenshot: " .. CARD:gsub("^it", "the machine"), errors)
    home:does("up", recipe("two", "qemu.device { 'VGA' }"))
    home:does("screenshot", "two", "x.ppm")
  end)

  it("is refused a display that its QEMU has no module for, at its line", function()
    local status, _, errors = home:lunik("check", recipe("one", "display = 'curses'"))
    assert.equal(1, status)
    assert.matches("one.lua:1: machine.display: curses draws on QEMU's terminal", errors)
    status, _, errors = home:lunik("check", recipe("one", "display = 'no-such'"))
    assert.equal(1, status)
    assert.matches("one.lua:1: machine.display: no display 'no%-such'; there are: none, ", errors)
  end)
end)
