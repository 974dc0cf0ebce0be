-- How values travel over a control socket: as JSON, in which no byte is lost.
local core = require "lunik.core"
local wire = require "lunik.control.wire"

describe("a value on the control socket", function()
  local function there_and_back(value, binary)
    local text = assert(core.json.encode(wire.encode(value, binary)))
    return wire.decode(core.json.decode(text)), text
  end

  it("is the same behind it, whichever of its texts is no UTF-8", function()
    for _, value in ipairs { { name = "caf\xe9" }, { argv = { "a", "\xff" } }, { "a", "caf\xe9" },
      { list = { "\xff" } }, { { "\xff", "a" }, { "b" } }, { { from = "\xff", tag = "a" } }, {} } do
      assert.same(value, (there_and_back(value)))
    end
  end)

  it("is spelled as it is, where all of it is UTF-8", function()
    assert.equal('["ssh","café"]', select(2, there_and_back { "ssh", "café" }))
    assert.equal('{"-b64":["c3No","/w=="]}', select(2, there_and_back { "ssh", "\xff" }))
    assert.equal('{"list-b64":["/w=="]}', select(2, there_and_back { list = { "\xff" } }))
    assert.equal('{"out-b64":"YQ=="}', select(2, there_and_back({ out = "a" }, { "out" })))
  end)

  it("is refused where its base64 is none", function()
    for _, value in ipairs { { ["-b64"] = { "?" } }, { ["-b64"] = { 5 } }, { ["a-b64"] = "?" } } do
      local decoded, why = wire.decode(value)
      assert.is_nil(decoded)
      assert.matches("base64 expected", why)
    end
  end)
end)
