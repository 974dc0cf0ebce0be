-- docs/ and types/ are printed from the rows; nobody edits them by hand.
local reference = require "lunik.reference"

local function text_of(path)
  local file = assert(io.open(path))
  local text = file:read "a"
  file:close()
  return text
end

local printed = require "lunik.reference.printed"
printed[#printed + 1] = { "docs/qemu-not-tried.md", require "support.not_tried" }
printed[#printed + 1] = { "docs/program.md", require "lunik.cli.described" }
printed[#printed + 1] = { "docs/c.md", require "support.c_header".markdown }
printed[#printed + 1] = { "examples/README.md", require "support.examples".markdown }

describe("the reference", function()
  for _, each in ipairs(printed) do
    local path, text = table.unpack(each)
    it("is " .. path .. ", from the rows", function()
      if text() ~= text_of(path) then error(path .. " is stale: make docs", 0) end
    end)
  end

  it("has types that are Lua", function()
    assert(load(reference.types(), "types"))
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
  heard by hooks of the recipe
    event.device         may be empty
                           text
    event.id             of the drive
                           text
    event["tray-open"]   true or false
  for example: on("DEVICE_TRAY_MOVED", function(vm, event) print(event.device, event.id) end)
]], reference.event(events.find "DEVICE_TRAY_MOVED"))
    assert.matches('on%("ready", …%) hears the same', reference.event(events.find "LUNIK_READY"))
    assert.matches("^GUEST_PVSHUTDOWN: [^\n]+ %(from 9%.1%)\n",
      reference.event(events.find "GUEST_PVSHUTDOWN"))
  end)

  it("explains every field", function()
    assert.is_nil(reference.markdown():find "|  |\n")
  end)
end)
