-- What the root of a guest can leave on a host whose root runs lunik: device nodes and files that
-- run as somebody else do not arrive there, unless the mount says so.
local house = require "support.house"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

-- An ordinary user can make neither: spec/e2e/user_spec.lua.
local root_can = unistd.geteuid() == 0 and it or function() end

-- Says what it did, and what it was refused.
local TRY = [[
  cd "$1"
  try() { "$@" 2>/dev/null && echo "did $*" || echo "refused $*"; }
  : >f; mkdir d
  try mknod char c 1 3
  try mknod block b 7 0
  try mknod whiteout c 0 0
  try mkfifo fifo
  try chmod 4755 f
  try chmod 2755 f
  try chmod 1755 f
  try chmod u+s f
  try chmod 2775 d
  try mkdir given/below
  try sh -c 'echo more >>old'
  # tar opens a new file with the mode that it is to have
  mkdir /tmp/t; : >/tmp/t/run; chmod 4755 /tmp/t/run; tar -C /tmp/t -cf /tmp/t.tar run
  try tar -xf /tmp/t.tar
  rm -r /tmp/t ]]

describe("what a guest leaves in a directory", function()
  local home
  setup(function()
    home = house.new()
    for _, name in ipairs { "plain", "devices", "suid" } do
      local dir = home.dir .. "/" .. name
      stat.mkdir(dir, 448)
      stat.mkdir(dir .. "/given", 448)
      stat.chmod(dir .. "/given", tonumber("2775", 8))
      scratch.write(dir .. "/old", "there before\n", tonumber("6755", 8))
    end
    home:does("up", home:small("m", ([[agent {}, mount { from = %q, to = "/plain" },
      hotplug { ports = 2 }]]):format(home.dir .. "/plain")))
  end)
  teardown(function()
    home:lunik("down", "--force", "m")
    home:close()
  end)

  -- What the guest did, and what is on the host: modes by name.
  local function tried(name)
    local said = home:does("exec", "m", "--", "sh", "-c", TRY, "sh", "/" .. name)
    local modes = {}
    for _, file in ipairs(scratch.list(home.dir .. "/" .. name)) do
      local found = stat.lstat(home.dir .. "/" .. name .. "/" .. file:gsub("/$", ""))
      if stat.S_ISREG(found.st_mode) ~= 0 then modes[file] = ("%o"):format(found.st_mode & 4095) end
    end
    return said, modes, stat.lstat(home.dir .. "/" .. name .. "/given/below").st_mode & 1024 ~= 0
  end

  local function there(name, file) return stat.lstat(home.dir .. "/" .. name .. "/" .. file) end

  root_can("is no device node, and no file that runs as its owner or group", function()
    local said, modes, hands_on = tried "plain"
    assert.equal([[
refused mknod char c 1 3
refused mknod block b 7 0
did mknod whiteout c 0 0
did mkfifo fifo
refused chmod 4755 f
refused chmod 2755 f
did chmod 1755 f
refused chmod u+s f
refused chmod 2775 d
did mkdir given/below
did sh -c echo more >>old
refused tar -xf /tmp/t.tar
]], said)
    assert.same({ "1755", "755" }, { modes.f, modes.old })
    assert.is_true(hands_on)
    assert.is_nil(there("plain", "char"))
    local whiteout = there("plain", "whiteout")
    assert.same({ true, 0 }, { stat.S_ISCHR(whiteout.st_mode) ~= 0, whiteout.st_rdev })
    for file, mode in pairs(modes) do
      assert.equal(0, tonumber(mode, 8) & (2048 | 1024), file .. " " .. mode)
    end
  end)

  root_can("may be device nodes where the mount has `devices`", function()
    home:does("mount", "m", home.dir .. "/devices", "--to", "/devices", "--devices")
    local said = tried "devices"
    assert.is_truthy(said:find "did mknod char c 1 3\ndid mknod block b 7 0\n")
    assert.is_truthy(said:find "refused chmod 4755 f\n")
    assert.equal(1 << 8 | 3, there("devices", "char").st_rdev)
    home:does("unmount", "m", "devices")
  end)

  root_can("may run as its owner or group where the mount has `suid`", function()
    home:does("mount", "m", home.dir .. "/suid", "--to", "/suid", "--suid")
    local said, modes = tried "suid"
    assert.is_truthy(said:find "^refused mknod char c 1 3\n")
    assert.is_truthy(said:find "did chmod 4755 f\ndid chmod 2755 f\n")
    assert.is_truthy(said:find "did tar ")
    assert.same({ "4755", "6755" }, { modes.run, modes.old })
    home:does("unmount", "m", "suid")
  end)
end)
