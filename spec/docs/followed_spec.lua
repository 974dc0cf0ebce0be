-- Pages of docs/, followed as a reader would: what they write is written, what they type is typed,
-- and what they say that comes is what comes.
local house = require "support.house"
local page = require "support.page"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

describe("a page that is followed to the letter:", function()
  local home

  before_each(function()
    home = house.new()
    for _, name in ipairs { "lunik", "lunik/build", "first" } do
      stat.mkdir(home.dir .. "/" .. name)
    end
    unistd.link(house.guest, home.dir .. "/lunik/build/guest", true)
  end)
  after_each(function() home:close() end)

  local function follow(path)
    local env = { "LUA_PATH=" .. package.path, "LUA_CPATH=" .. package.cpath,
      ("PATH=%s:%s"):format(house.program:match "^(.*)/", os.getenv "PATH") }
    table.move(home.env, 2, #home.env, #env + 1, env)
    page.follow(path, { dir = home.dir .. "/first", env = env },
      function(text, where) assert(load(text, where)) end)
  end

  it("docs/tutorial.md", function() follow "docs/tutorial.md" end)

  it("docs/moving.md", function()
    scratch.write(home.dir .. "/first/disk.qcow2", scratch.read(house.guest .. "/disk.qcow2"))
    follow "docs/moving.md"
  end)
end)
