-- docs/ and types/ are printed from the rows; nobody edits them by hand.
local reference = require "lunik.reference"

local function text_of(path)
  local file = assert(io.open(path))
  local text = file:read "a"
  file:close()
  return text
end

describe("the reference", function()
  it("has docs/reference.md from the rows", function()
    assert.equal(reference.markdown(), text_of "docs/reference.md")
  end)

  it("has an index of QEMU's options from the rows", function()
    assert.equal(require "lunik.qemu.modules".text(), text_of "lua/lunik/qemu/index.lua")
  end)

  it("has docs/qemu.md from the rows", function()
    assert.equal(require "lunik.reference.qemu".markdown(), text_of "docs/qemu.md")
  end)

  it("has types/recipe.lua from the rows, and it is Lua", function()
    assert.equal(reference.types(), text_of "types/recipe.lua")
    assert(load(reference.types(), "types"))
  end)

  it("has docs/control.md from the rows", function()
    assert.equal(require "lunik.reference.control"(), text_of "docs/control.md")
  end)

  it("shows forms of a field that its kind reads", function()
    local forward = require "lunik.device.nic.forward"
    local context = { host = { unprivileged_port = 1024, uid = 1000 } }
    for _, form in ipairs(forward.forms) do
      local value = assert(load("return { " .. form.write .. " }"))()
      assert.equal(1, #assert(forward.read(value, context)), form.write)
    end
  end)

  it("explains an event on a terminal", function()
    local events = require "lunik.hook.events"
    assert.equal([[
DEVICE_TRAY_MOVED: the tray of a drive was opened or closed
  on("DEVICE_TRAY_MOVED", function(vm, event) … end)
    event.device         may be empty
                           text
    event.id             of the drive
                           text
    event["tray-open"]   true or false
]], reference.event(events.find "DEVICE_TRAY_MOVED"))
    assert.matches('on%("ready", …%) hears the same', reference.event(events.find "LUNIK_READY"))
    assert.matches("^GUEST_PVSHUTDOWN: [^\n]+ %(from 9%.1%)\n",
      reference.event(events.find "GUEST_PVSHUTDOWN"))
  end)

  it("explains every field", function()
    assert.is_nil(reference.markdown():find "|  |\n")
  end)
end)
