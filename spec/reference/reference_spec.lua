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

  it("explains every field", function()
    assert.is_nil(reference.markdown():find "|  |\n")
  end)
end)
