-- Text as keys, and what no key types.
local keyboard = require "lunik.cli.keyboard"

describe("a text for a keyboard", function()
  local function words(text)
    local list = {}
    for i, names in ipairs(assert(keyboard.of(text))) do list[i] = table.concat(names, "+") end
    return table.concat(list, " ")
  end

  it("is typed key by key, with shift where the key needs it", function()
    assert.equal("shift+l s spc minus l spc slash shift+grave_accent ret", words "Ls -l /~\n")
    assert.equal("", words "")
  end)

  it("may have all that is printed in ASCII, and ends of lines and tabs", function()
    local seen = {}
    for byte = 32, 126 do
      local text = words(string.char(byte))
      assert.is_nil(seen[text], text)
      seen[text] = true
    end
    assert.equal("tab ret", words "\t\n")
  end)

  it("is refused for what is on no key, by its place", function()
    for text, why in pairs {
      ["ab\u{fc}c"] = "character 3, '\u{fc}', is on no key of a US keyboard",
      ["\u{1f600}"] = "character 1, '\u{1f600}', is on no key of a US keyboard",
      ["a\27[m"] = "character 2, '\\x1b', is on no key of a US keyboard",
      ["a\0"] = "character 2, '\\x00', is on no key of a US keyboard",
      ["\xff"] = "character 1, '\\xff', is on no key of a US keyboard",
      ["a\x80"] = "character 1, 'a\\x80', is on no key of a US keyboard",
    } do
      assert.same({ n = 2, nil, why }, table.pack(keyboard.of(text)))
    end
  end)
end)
