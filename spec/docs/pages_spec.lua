-- The pages of docs/ and beside it: their links lead somewhere, their blocks of code are code,
-- every page is reached from docs/README.md.
local core = require "lunik.core"
local header = require "support.c_header"
local page = require "support.page"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

local function pages()
  local list = { "README.md", "CONTRIBUTING.md", "examples/README.md" }
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

-- What is wrong with a block of each language | nil. `console` is followed, or its commands are
-- read (followed_spec, counted_spec); `text` is no code: what is printed, a drawing.
local LANGUAGES = {
  lua = function(text)
    if load("return " .. text) then return nil end
    local ok, why = load(text)
    return not ok and why or nil
  end,
  sh = function(text)
    local out, _, status = run.output { path = true,
      argv = { "sh", "-c", "exec 2>&1; sh -n <<'END'\n" .. text .. "END" } }
    return status ~= 0 and out or nil
  end,
  json = function(text) return select(2, core.json.decode(text)) end,
  -- the header, the calls of its functions and a program, that compilers read in spec/embed
  c = function(text)
    if text == header.first() then return nil end
    for _, call in pairs(header.calls()) do
      if text == call .. "\n" then return nil end
    end
    local declared = scratch.read "src/embed/lunik.h":gsub("LUNIK_API ", "")
      :gsub("\t", "        ")
    return not declared:find(text, 1, true) and "is not in src/embed/lunik.h" or nil
  end,
  console = function() return nil end,
  text = function() return nil end,
}

describe("the docs", function()
  it("have links that lead somewhere", function()
    local list = {}
    for _, path in ipairs(pages()) do
      for _, each in ipairs(broken(path)) do list[#list + 1] = each end
    end
    assert.same({}, list)
  end)

  it("have blocks that are what they say", function()
    local list = {}
    for _, path in ipairs(pages()) do
      for _, block in ipairs(page.blocks(path)) do
        local where = ("%s:%d: "):format(path, block.line)
        local wrong = LANGUAGES[block.language]
        local why = not wrong and "no language " .. block.language or wrong and wrong(block.text)
        if why then list[#list + 1] = where .. why end
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
