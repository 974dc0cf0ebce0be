-- docs/tutorial.md, followed as a reader would: what it writes is written, what it types is typed,
-- and what it says that comes is what comes.
local house = require "support.house"
local page = require "support.page"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

describe("docs/tutorial.md", function()
  local home

  before_each(function()
    home = house.new()
    for _, name in ipairs { "lunik", "lunik/build", "first" } do
      stat.mkdir(home.dir .. "/" .. name)
    end
    unistd.link(house.guest, home.dir .. "/lunik/build/guest", true)
  end)
  after_each(function() home:close() end)

  it("is true to the letter", function()
    local env = { "LUA_PATH=" .. package.path, "LUA_CPATH=" .. package.cpath,
      ("PATH=%s:%s"):format(house.program:match "^(.*)/", os.getenv "PATH") }
    table.move(home.env, 2, #home.env, #env + 1, env)
    page.follow("docs/tutorial.md", { dir = home.dir .. "/first", env = env },
      function(text, where) assert(load(text, where)) end)
  end)
end)
