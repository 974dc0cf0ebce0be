-- What a terminal would answer is taken out of a text, in one piece or in many, and nothing else.
local queries = require "lunik.text.queries"

-- A text in pieces of `size`, and what is kept back at its end.
local function fed(text, size)
  local filter, out = queries.new(), {}
  for at = 1, #text, size do out[#out + 1] = filter:feed(text:sub(at, at + size - 1)) end
  return table.concat(out), filter.rest
end

local function stripped(text) return (fed(text, math.max(1, #text))) end

local asking = {
  "\27[6n", "\27[5n", "\27[?6n", "\27[?15n", "\27[?996n", "\27[c", "\27[0c", "\27[>c", "\27[>0c",
  "\27[=c", "\27[=0c", "\27[x", "\27[0x", "\27[?1049$p", "\27[4$p", "\27[>q", "\27[>0q", "\27[?u",
  "\27[1$w", "\27[?2;1;0S", "\27[?4m", "\27[11t", "\27[14;2t", "\27[18t", "\27[20t", "\27[21t",
  "\27[1;1;1;1;1;1*y", "\27[#R", "\27['|", "\27Z", "\5",
  "\27]10;?\7", "\27]11;?\27\\", "\27]4;1;?\7", "\27]4;1;?;2;?\7", "\27]52;c;?\27\\", "\27]50;?\7",
  "\27]21;foreground=?\27\\", "\27]1337;ReportCellSize\7", "\27]60\7", "\27]702;?\27\\",
  "\27P+q544e\27\\", "\27P$qm\27\\", "\27P+Q42\27\\", "\27_Gi=31,s=1,v=1,a=q,t=d;AAAA\27\\",
  "\xc2\x9b6n", "\x9b6n", "\x9b>c", "\xc2\x9d10;?\xc2\x9c", "\xc2\x9a", "\x9dx\27[6n",
}
asking[#asking] = nil

local harmless = {
  "plain text\r\n", "naïve – 雛 ✓ \u{1f41a}",
  "é\xc2\xa0", "\27[0m", "\27[1;31m", "\27[2J\27[H",
  "\27[6A", "\27[5d", "\27[?25h", "\27[?1049h", "\27[?2004l", "\27[2 q", "\27[0q", "\27[!p",
  "\27[>4;2m",
  "\27[>1u", "\27[u", "\27[s", "\27[22;0t", "\27[8;24;80t", "\27[?17;0;64c", "\27[>1n", "\27[2*x",
  "\27[1;1;2;2$x", "\27[1;24r", "\27[3S", "\27[4i", "\27[[A", "\27(B", "\27)0", "\27#8", "\27=",
  "\27>", "\27M", "\0277\0278", "\27c", "\27 F", "\27%G",
  "\27]0;Really?\7", "\27]2;?\7", "\27]0;✓ \xe2\x9c\x93 done?\27\\", "\27]8;;http://x/?\27\\",
  "\27]7;file://h/?\7", "\27]10;#ffffff\7", "\27]4;1;rgb:0/0/0\27\\", "\27]52;c;Zm9v\7",
  "\27]104\7",
  "\27]133;A\7", "\27]1337;SetMark\7", "\27]R", "\27]P0123456", "\27]9;ready?\7",
  "\27Pq#0~~\27\\", "\27P0;1|17/ab\27\\", "\27_Ga=T,f=24;AAAA\27\\", "\27^note\27\\", "\27X?\27\\",
  "\27[6\24n", "\27[\26c", "a\8b\7c\tbell", "\xff\xfe\xc3", "?", "6n", "[6n", "]10;?",
}

describe("queries", function()
  for _, text in ipairs(asking) do
    it(("take out %q"):format(text):gsub("[^ -~]", "."), function()
      assert.equal("ab", stripped("a" .. text .. "b"))
    end)
  end

  for _, text in ipairs(harmless) do
    it(("leave %q"):format(text):gsub("[^ -~]", "."), function()
      assert.equal(text, stripped(text .. "|"):sub(1, -2))
    end)
  end

  it("are found in any pieces", function()
    local text = "a" .. table.concat(asking, "·") .. "b" .. table.concat(harmless, "|") .. "|"
    local whole = stripped(text)
    for size = 1, 40 do assert.equal(whole, (fed(text, size))) end
  end)

  it("are found where a control stands in them, which stays", function()
    assert.equal("a\r\nb", stripped "a\27[\r\n6nb")
    assert.equal("a\nb", stripped "a\27\n[6nb")
    assert.equal("ab", stripped "a\27[\0056nb")
  end)

  it("do not grow together from what is around others", function()
    assert.equal("6n", stripped "\27[\27[6n6n")
    assert.equal("[6n", stripped "\27\27[6n[6n")
    assert.equal("?\7", stripped "\27]10;\27[6n?\7")
    assert.equal("\n[6n", stripped "\27\n\5\27[6n[6n")
    assert.equal("\27Ptmux;\27\\", stripped "\27Ptmux;\27\27[6n\27\\")
  end)

  it("keep back what may become one, and no more", function()
    for _, text in ipairs { "\27", "\27[", "\27[6", "\27]10;", "\27P+q54", "\xc2",
      "\27]10;?\27" } do
      assert.same({ "a", text }, { fed("a" .. text, 99) })
    end
    for _, text in ipairs { "\27]0;title", "\27P0;1|17", "\27]52;c;Zm9v", "\27Xa" } do
      assert.same({ "a" .. text, "" }, { fed("a" .. text, 99) })
    end
    assert.equal("", select(2, fed("\27]10;" .. ("x"):rep(70000), 1000)))
  end)

  it("are decided by what follows, of which the rest stays as it is", function()
    local filter = queries.new()
    assert.equal("a", filter:feed "a\27[6")
    assert.same({ "b\27[6n", true }, { filter:finish "nb\27[6n" })
    filter:feed "\27[3"
    assert.same({ "", false }, { filter:finish "" })
    assert.same({ "\27[31mred\27[6n", true }, { filter:finish "1mred\27[6n" })
  end)

  -- Whether `part` is `text` with something left out.
  local function is_part(part, text)
    local at = 1
    for i = 1, #part do
      at = text:find(part:sub(i, i), at, true)
      if not at then return false end
      at = at + 1
    end
    return true
  end

  it("by chance: what is no query stays, and nothing grows", function()
    math.randomseed(9)
    for _ = 1, 3000 do
      local all, wanted = {}, {}
      for i = 1, math.random(12) do
        local query = math.random(2) == 1
        local list = query and asking or harmless
        all[i] = list[math.random(#list)] .. "|"
        wanted[i] = query and "|" or all[i]
      end
      assert.equal(table.concat(wanted), (fed(table.concat(all), math.random(1, 30))))
    end
  end)

  it("by chance: of any bytes a part stays, the same in any pieces, and a second time", function()
    math.randomseed(17)
    local bits = { "\27", "\27[", "[", "]", "6", "n", "c", "?", ";", "$", "p", "\5", "\7", "\27\\",
      "P", "+q", "10", "\xc2", "\x9b", "\x9c", "\xe9", "\n", "\24", ">", "a", "\127", "_G", "a=q",
      "\27]", "Z", "0", "\xe2\x9c\x93" }
    for _ = 1, 5000 do
      local list = {}
      for i = 1, math.random(25) do list[i] = bits[math.random(#bits)] end
      local text = table.concat(list)
      local whole, rest = fed(text, #text)
      assert.is_true(#whole + #rest <= #text and is_part(whole .. rest, text), ("%q"):format(text))
      assert.same({ whole, rest }, { fed(text, math.random(1, 5)) }, ("%q"):format(text))
      assert.equal(whole .. rest, table.concat { fed(whole .. rest, #text) },
        ("%q -> %q"):format(text, whole))
    end
  end)
end)
