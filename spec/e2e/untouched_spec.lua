-- What mounting does to the directory itself, with a real guest: nothing that its user, or who
-- watches it on the host, would see.
local core = require "lunik.core"
local house = require "support.house"
local run = require "support.run"
local stat = require "posix.sys.stat"

local CHANGES = "create,delete,modify,attrib,moved_from,moved_to,delete_self,move_self,close_write"

describe("a directory that is mounted", function()
  local home, watch
  before_each(function()
    home, watch = house.new(), assert(core.watch.open())
  end)
  after_each(function()
    watch:close()
    home:close()
  end)

  local function times(path)
    local found = stat.stat(path)
    return { found.st_mtime, found.st_ctime }
  end

  it("is as it was after its mount, a reboot and its unmount, and no watcher fires", function()
    local before = {}
    for _, name in ipairs { "boot", "hot" } do
      local path = home.dir .. "/" .. name
      stat.mkdir(path, 448)
      assert(os.execute(("touch -d @1000000000 '%s'"):format(path)))
      before[name] = times(path)
      assert(watch:add(path, CHANGES))
    end
    local _, said = home:does("up", home:small("m", [[agent {}, hotplug { ports = 2 },
      mount { from = "boot", to = "/boot" }]]))
    assert.is_nil(said:find("problem", 1, true), said)
    home:does("mount", "m", home.dir .. "/hot", "--to", "/hot")
    local events = home:start({}, "events", "-f", "m")
    home:does("reset", "m")
    for _, name in ipairs { "boot", "hot" } do
      events:expect(("%s is at /%s in the guest"):format(name, name), 60)
    end
    events:close()
    home:does("unmount", "m", "hot")
    home:does("unmount", "m", "boot")
    assert.same({ nil, "no change in time" }, { table.unpack({ watch:next(0) }, 1, 2) })
    for name, was in pairs(before) do assert.same(was, times(home.dir .. "/" .. name)) end
    home:does("down", "--force", "m")
  end)

  -- The folder is mounted read-only, in a mount namespace of this spec's own.
  local LOCKED = [[
    local house = require "support.house"
    local home = setmetatable({ dir = %q, started = {} }, house)
    home:surroundings()
    local _, said = home:does("up", home:small("m", "\nagent {}, hotplug { ports = 2 },\n"
      .. "mount { from = 'locked', to = '/w', on_death = 'remount' }, "
      .. "mount { from = 'other', to = '/o' }"))
    print((said:match "[^\n]*problem[^\n]*"))
    print(select(2, said:gsub("problem", "")))
    for _, one in ipairs(home:json("mounts", "m", "--json").mounts) do
      print(one.tag, one.state, one.why)
    end
    local status, _, errors = home:lunik("mount", "m", home.dir .. "/locked/in")
    print(status, (errors:gsub("\n", "")))
    print((home:does("mount", "m", home.dir .. "/locked/in", "--readonly"):gsub("\n", "")))
    local events = home:start({}, "events", "-f", "m")
    local daemon <close> = require "lunik.core".proc.open(home:json("status", "m", "--json")
      .helpers[1].pid)
    daemon:signal(9)
    events:expect("w is mounted again", 60)
    events:close()
    home:does("down", "--force", "m")]]

  it("where the guest may not write says so at the recipe's line, and what mends it", function()
    for _, name in ipairs { "locked", "locked/in", "other" } do
      stat.mkdir(home.dir .. "/" .. name, 448)
    end
    local text, how, status = run.lua(LOCKED:format(home.dir), { mounts =
      ("mount --bind '%s/locked' '%s/locked'; mount -o remount,bind,ro '%s/locked'")
        :format(home.dir, home.dir, home.dir) })
    assert.same({ "exited", 0 }, { how, status }, text)
    local why = "you may not write there: readonly = true"
    assert.equal(("m: problem: %s/m.lua:6: mount w: %s\n1\nw\tmounted\t%s\no\tmounted\tnil\n"
      .. "1\tlunik mount: in: at /mnt/in in the guest: %s\n"
      .. "in: %s/locked/in is at /mnt/in in the guest, read-only\n")
      :format(home.dir, why, why, why, home.dir), text)
  end)
end)
