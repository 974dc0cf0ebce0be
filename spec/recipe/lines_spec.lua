-- The lexer that finds the lines of fields.
local lines = require "lunik.recipe.lines"

local function fields(text, word, line, given)
  return lines.fields(lines.tokens(text), word, line, given or {})
end

describe("lines.tokens", function()
  it("counts lines through comments and strings of every kind", function()
    local text = "-- one\n--[[ two\nthree ]] a\n[==[ ]]\n]==] b 'x\\\ny' c \"\\\"\" d --"
    local out = {}
    for _, token in ipairs(lines.tokens(text)) do out[#out + 1] = token[2] .. "@" .. token[3] end
    assert.same({ "a@3", "[==[ ]]\n]==]@4", "b@5", "'x\\\ny'@5", "c@6", "\"\\\"\"@6", "d@6" }, out)
  end)

  it("survives text that is no Lua", function()
    for _, text in ipairs { "", "'", "[[", "--[[", "\"\\", "[=", "\0\xff", "{{{", "]]" } do
      assert.is_table(lines.tokens(text))
    end
  end)
end)

describe("lines.fields", function()
  it("finds names at the first depth only", function()
    assert.same({ a = 2, c = 5, ["d e"] = 6 }, fields([[
disk {
  a = 1, -- b = 2
  { b = 3 }, function() local b = 4 end,
  x == y,
  c = { a = 9 };
  ["d e"] = 7,
}]], "disk", 1))
  end)

  it("takes the one of several on a line that has the names", function()
    assert.same({ b = 1 }, fields("disk { a = 1 }, disk { b = 2 }", "disk", 1, { b = true }))
  end)

  it("follows qemu.device and parentheses", function()
    assert.same({ a = 2 }, fields("qemu.device({ 'x',\n a = 1 })", "device", 1))
  end)

  it("gives nothing for what is not there", function()
    assert.same({}, fields("disk(x)", "disk", 1))
    assert.same({}, fields("disk", "disk", 1))
  end)
end)
