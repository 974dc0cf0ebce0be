-- The header of the C API says all that docs/c.md prints of it.
local header = require "support.c_header"

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

describe("lunik.h", function()
  local text = read "src/embed/lunik.h"
  local names, alone = {}, {}
  for _, entry in ipairs(header.entries(text)) do
    local name = header.name(entry)
    if name then names[#names + 1] = name end
    if name and not entry.comment then alone[#alone + 1] = name end
  end

  it("has a comment for each function", function()
    assert.same({}, alone)
    local declared = select(2, text:gsub("\nLUNIK_API ", ""))
    assert.equal(declared, #names)
  end)

  it("is printed whole: each function has its entry, with who may call it", function()
    local page = read "docs/c.md"
    for _, name in ipairs(names) do
      local entry = page:match("\n### " .. name .. "\n(.-)\n#") or page:match("\n### " .. name
        .. "\n(.*)$")
      assert(entry, name)
      assert.matches("```c\n.-" .. name .. "%(.-```\n\n%u.*Called by ", entry)
    end
  end)
end)
