-- The pages of docs/ and beside it: their links lead somewhere, their blocks of Lua are Lua, every
-- page is reached from docs/README.md.
local page = require "support.page"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

local function pages()
  local list = { "README.md", "CONTRIBUTING.md" }
  for _, name in ipairs(scratch.list "docs") do
    if name:find "%.md$" then list[#list + 1] = "docs/" .. name end
  end
  return list
end

-- The page without its blocks and spans of code.
local function prose(path)
  return (scratch.read(path):gsub("\n *```.-\n *```", "\n"):gsub("`[^`\n]*`", "`"))
end

-- What GitHub calls a heading: lower case, spaces as dashes, nothing else that is no letter.
local function anchors(path)
  local found = {}
  local text = "\n" .. scratch.read(path):gsub("\n *```.-\n *```", "\n")
  for heading in text:gmatch "\n#+ ([^\n]*)" do
    found[heading:lower():gsub("[`*]", ""):gsub("[^%w%s_-]", ""):gsub(" ", "-")] = true
  end
  for name in scratch.read(path):gmatch '<a [^>]*id="([^"]+)"' do found[name] = true end
  return found
end

local function exists(path) return stat.stat(path) ~= nil end

-- Each link that leads nowhere: "page: link".
local function broken(path)
  local list, folder = {}, path:match "^(.*/)" or ""
  for link in prose(path):gmatch "%]%(([^)%s]+)%)" do
    local file, anchor = link:match "^([^#]*)#?(.*)$"
    local target = file == "" and path or folder .. file
    if not link:find "^https?:" then
      local well = exists(target)
      if well and anchor ~= "" then well = anchors(target)[anchor] end
      if not well then list[#list + 1] = path .. ": " .. link end
    end
  end
  return list
end

local LANGUAGES = { lua = true, console = true, sh = true, c = true, json = true, python = true,
                    [""] = true }

describe("the docs", function()
  it("have links that lead somewhere", function()
    local list = {}
    for _, path in ipairs(pages()) do
      for _, each in ipairs(broken(path)) do list[#list + 1] = each end
    end
    assert.same({}, list)
  end)

  it("have blocks of Lua that are Lua", function()
    local list = {}
    for _, path in ipairs(pages()) do
      for _, block in ipairs(page.blocks(path)) do
        local where = ("%s:%d: "):format(path, block.line)
        if not LANGUAGES[block.language] then list[#list + 1] = where .. block.language end
        if block.language == "lua" and not load("return " .. block.text) then
          local ok, why = load(block.text)
          if not ok then list[#list + 1] = where .. why end
        end
      end
    end
    assert.same({}, list)
  end)

  it("have a row for each section of an extension", function()
    local text, list = scratch.read "docs/extensions.md", {}
    for _, section in ipairs(require "lunik.extensions".sections) do
      if not text:find("\n| `" .. section .. "` |", 1, true) then list[#list + 1] = section end
    end
    assert.same({}, list)
  end)

  it("are all to be found from docs/README.md", function()
    local index, list = scratch.read "docs/README.md", {}
    for _, path in ipairs(pages()) do
      local name = path:match "^docs/(.*)$"
      if name and name ~= "README.md" and not index:find("](" .. name .. ")", 1, true) then
        list[#list + 1] = name
      end
    end
    assert.same({}, list)
  end)
end)
