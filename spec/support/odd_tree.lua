-- A tree that has what copies get wrong: names of any bytes, long ones, links, holes, modes, times.
local core = require "lunik.core"
local fcntl = require "posix.fcntl"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local odd_tree = {}

local NAMES = { "plain", " space ", "-rf", "*", "?[a-z]", "new\nline", "\xff\xfe", "'\"`$(x)\\",
                "é", ".hidden", "..twice", "~", "#", ("n"):rep(255), "a:b", "%s" }

local MODES = { 420, 384, 292, 493, 256, 1023, 511 }

local function file(path, text, mode, time)
  scratch.write(path, text, mode)
  core.folder.touch(path, time, time * 7 % 1000000000)
end

local function sparse(path)
  local fd = fcntl.open(path, fcntl.O_WRONLY | fcntl.O_CREAT, 384)
  unistd.lseek(fd, 3 << 20, unistd.SEEK_SET)
  unistd.write(fd, "middle")
  unistd.ftruncate(fd, 8 << 20)
  unistd.close(fd)
  core.folder.touch(path, 1400000000, 250000000)
end

-- Makes one at `path`.
function odd_tree.make(path)
  stat.mkdir(path, 448)
  for i, name in ipairs(NAMES) do
    file(path .. "/" .. name, name:rep(i * 37), MODES[i % #MODES + 1], 1 + i * 100000007)
    local folder = ("%s/d%s"):format(path, name:sub(1, 200))
    stat.mkdir(folder, 448)
    file(folder .. "/" .. name, ("\0"):rep(i * 511) .. name, 420, i)
    if i % 2 == 0 then unistd.link(name, folder .. "/link", true) end
    if i == 3 then unistd.link(folder .. "/" .. name, path .. "/hard") end
    stat.chmod(folder, ({ 493, 448, 1023 })[i % 3 + 1])
    core.folder.touch(folder, 1000000000 + i, i)
  end
  local deep = path .. "/deep"
  for _ = 1, 5 do
    stat.mkdir(deep, 493)
    deep = deep .. "/" .. ("d"):rep(90)
  end
  stat.mkdir(path .. "/empty", 365)
  unistd.link("/nowhere/at/all", path .. "/absolute", true)
  unistd.link(("t"):rep(300), path .. "/long target", true)
  sparse(path .. "/sparse")
  core.folder.touch(path, 1234567890, 1)
  return path
end

local function content(path, info)
  if stat.S_ISLNK(info.st_mode) ~= 0 then return "to " .. unistd.readlink(path) end
  if stat.S_ISREG(info.st_mode) == 0 then return "" end
  local text, sum = scratch.read(path), 0
  for at = 1, #text do sum = (sum * 31 + text:byte(at)) & 0xffffffff end
  return ("%d %x"):format(#text, sum)
end

-- All that is to be known of one: a line for each path. `roughly`: with times in whole seconds.
function odd_tree.told(path, roughly)
  local lines = {}
  local list = scratch.list(path)
  list[#list + 1] = "."
  for i, name in ipairs(list) do
    local at = path .. "/" .. name
    local info = stat.lstat(at)
    local is_link = stat.S_ISLNK(info.st_mode) ~= 0
    local seconds, nanos = core.folder.changed(at)
    if is_link then seconds, nanos = 0, 0 end
    lines[i] = ("%q %o %d.%09d %d %s"):format(name, info.st_mode, seconds, roughly and 0 or nanos,
      stat.S_ISREG(info.st_mode) ~= 0 and info.st_nlink or 0, content(at, info))
  end
  return lines
end

return odd_tree
