-- Clones whose guests work in a mount from their first moment on: what was saved was saved while
-- mounts came, and not one of its clones hangs.
local clones = require "support.clones"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

local ALL = 200

describe("a machine that is saved while a mount comes", function()
  local home
  after_each(function()
    home:settle()
    home:close()
  end)

  local function folder(name)
    stat.mkdir(home.dir .. "/" .. name, 448)
    scratch.write(("%s/%s/f"):format(home.dir, name), "shared\n")
  end

  -- While a mount comes there is no save, and while it is saved no mount comes.
  local function save(one)
    local mounting = one:start({}, "mount", "m", one.dir .. "/other", "--to", "/other")
    local code, why, _
    repeat
      code, _, why = one:lunik("save", "m", "m.saved")
      assert.is_true(code == 0 or why:find("is just being plugged", 1, true) ~= nil, why)
    until code == 0
    local _, status = mounting:wait()
    local text = mounting.text
    assert.is_true(status == 0 or text:find("is just being saved", 1, true) ~= nil
                   or text:find("ended", 1, true) ~= nil or text:find("closed", 1, true) ~= nil
                   or text:find("no machine", 1, true) ~= nil, text)
  end

  local function begin()
    home = clones.new([[agent {}, hotplug { ports = 4 }, mount { from = "work", to = "/work" }]],
      { save = save, prepare = function(one)
        home = one
        for _, name in ipairs { "work", "other", "out-1", "out-2" } do folder(name) end
      end })
  end

  -- Clones, of which each reads and writes in its mounts at once.
  local function try()
    home:does("fork", "m.saved", "-n", "2", "--mount", "out-{n}:/out")
    for i = 1, 2 do
      local text = home:guest("m-" .. i, "cat /work/f /out/f; echo written >/out/x")
      assert.equal("shared\nshared\n", text)
      assert.equal("written\n", scratch.read(("%s/out-%d/x"):format(home.dir, i)))
      os.remove(("%s/out-%d/x"):format(home.dir, i))
    end
    home:does("down", "--force", "m-1", "m-2")
  end

  it("has clones that reach their mounts", function()
    begin()
    try()
  end)

  it("has any number of clones that reach their mounts #long", function()
    begin()
    for _ = 1, ALL // 2 do try() end
  end)
end)
