-- Patterns matched in Lua give what Lua's own string library gives.
local pattern = require "lunik.recipe.pattern"
local strings = require "lunik.recipe.safe.strings".new()

local names = { "find", "match", "gmatch", "gsub" }

-- What a call gives, or that it raises; gmatch as the list of all its matches.
local function results(of, name, text, p, extra)
  return table.pack(pcall(function()
    if name ~= "gmatch" then return of[name](text, p, extra) end
    local all = {}
    for a, b in of.gmatch(text, p) do all[#all + 1] = { a, b } end
    return all
  end))
end

local function same(name, text, p, extra)
  local ours, theirs = results(strings, name, text, p, extra), results(string, name, text, p, extra)
  assert.is_true(theirs[1], theirs[2])
  assert.same(theirs, ours, ("string.%s(%q, %q)"):format(name, text, p))
end

local pieces = { "a", "b", ".", "%a", "%d", "%s", "%w", "%W", "%.", "%%", "[ab]", "[^a]", "[a-c]",
  "[]]",
  "[^]-]", "[%a-]", "[a%]]", "[%d_]", "()", "%b()", "%f[%w]", "%f[%W]", "$", "^", "-", "]" }
local signs = { "", "", "", "*", "+", "-", "?" }

local function random_pattern(random)
  local out, open, closed = { random(5) == 1 and "^" or "" }, 0, false
  for _ = 1, random(5) do
    local piece = pieces[random(#pieces)]
    if random(5) == 1 then
      out[#out + 1], open = "(", open + 1
    elseif open > 0 and random(3) == 1 then
      out[#out + 1], open, closed = ")", open - 1, open == 1
    end
    out[#out + 1] = piece .. (piece:find "^%%[bf]" and "" or signs[random(#signs)])
  end
  if closed and not table.concat(out):find("()", 1, true) then out[#out + 1] = "%1" end
  return table.concat(out) .. (")"):rep(open) .. (random(8) == 1 and "$" or "")
end

local function random_text(random)
  local out = {}
  for i = 1, random(0, 12) do
    local at = random(14)
    out[i] = ("aabbc1 .(()]-\0"):sub(at, at)
  end
  return table.concat(out)
end

describe("pattern", function()
  it("matches as Lua does, 20,000 random times #thorough", function()
    math.randomseed(7)
    for _ = 1, 20000 do
      local text, p = random_text(math.random), random_pattern(math.random)
      local name = names[math.random(#names)]
      same(name, text, p, name == "gsub" and "<%0>" or nil)
    end
  end)

  it("replaces by texts, tables and functions", function()
    for _, repl in ipairs { "%1%1", "%%", "-", { a = "A", b = false }, string.upper,
      function() end } do
      for _, p in ipairs { "(a)", "%w", "", "a*", "^a", "(b)(c)", "()" } do
        same("gsub", "abcabc", p, repl)
      end
    end
    assert.same({ "xbca", 1 }, { strings.gsub("abca", "a", "x", 1) })
  end)

  it("starts where it is told to", function()
    for init = -9, 9 do
      for _, p in ipairs { "b", "^b", "b*", "()", "%." } do
        same("find", "a.b.b", p, init)
        same("match", "a.b.b", p, init)
      end
    end
    assert.equal(2, (strings.find("a.b", ".", 1, true)))
  end)

  it("refuses what is no pattern", function()
    for _, p in ipairs { "%", "[a", "[", "[]", "[%", "(", "(a", ")", "%b", "%bx", "%fa", "%f", "%1",
      "(%1)",
      ("()"):rep(33) } do
      assert.is_false(pcall(pattern.compile, p, true), p)
      assert.is_false(pcall(string.match, "aaaa", p), p)
    end
    assert.has_error(function() strings.gsub("a", "a", "%2") end,
      "string.gsub: invalid capture index %2 in replacement string")
  end)
end)
