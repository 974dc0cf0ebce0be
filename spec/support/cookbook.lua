-- docs/cookbook.md with a reader who follows it: a house with the small guest where the page has
-- it, and a folder of the reader's.
local house = require "support.house"
local page = require "support.page"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local cookbook = { path = "docs/cookbook.md" }

-- { title, text, name } of the recipes and programs, in their order.
function cookbook.recipes()
  local list = {}
  for _, section in ipairs(page.sections(cookbook.path)) do
    for _, block in ipairs(section.blocks) do
      if block.language == "lua" then
        list[#list + 1] = { title = section.title, text = block.text,
                            name = page.file(block) or "vm.lua" }
      end
    end
  end
  return list
end

-- The sections that have something to type, by their titles' order; the first, which is a cloud
-- image, takes a real Debian.
function cookbook.typed()
  local list = {}
  for at, section in ipairs(page.sections(cookbook.path)) do
    for _, block in ipairs(section.blocks) do
      if at > 1 and block.language == "console" then
        list[#list + 1] = section
        break
      end
    end
  end
  return list
end

-- The reader: { dir, env }, in a house.
function cookbook.reader(home)
  for _, name in ipairs { "lunik", "lunik/build", "first" } do
    stat.mkdir(home.dir .. "/" .. name)
  end
  unistd.link(house.guest, home.dir .. "/lunik/build/guest", true)
  local env = { "LUA_PATH=" .. package.path, "LUA_CPATH=" .. package.cpath, "SHOW=none",
    ("PATH=%s:%s"):format(house.program:match "^(.*)/", os.getenv "PATH") }
  table.move(home.env, 2, #home.env, #env + 1, env)
  return { dir = home.dir .. "/first", env = env }
end

-- Follows a section to the letter, with what the others have written at hand.
function cookbook.follow(reader, section)
  for _, each in ipairs(cookbook.recipes()) do
    scratch.write(reader.dir .. "/" .. each.name, each.text)
  end
  page.follow(cookbook.path, reader, function(text, where) assert(load(text, where)) end,
              section.blocks)
end

return cookbook
