-- What packages are built from: their versions, places and dependencies are those of the project,
-- and the tools of their systems can read them.
local house = require "support.house"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"
local version = require "lunik.version"

describe("packaging", function()
  local function output(argv, cwd)
    local text, how, status = run.output { argv = { "sh", "-c", 'exec "$@" 2>&1', "sh",
      table.unpack(argv) }, path = true, cwd = cwd,
      env = { "PATH=" .. os.getenv "PATH", "HOME=" .. (cwd or "/"), "LC_ALL=C",
        "B=" .. (os.getenv "B" or "build") } }
    assert.same({ "exited", 0 }, { how, status }, text)
    return text
  end

  it("is of this version everywhere", function()
    local spec = scratch.read "packaging/lunik.spec"
    assert.equal(version, spec:match "Version:%s+(%S+)")
    assert.equal(version, spec:match "%- (%S+)%-1\n")
    assert.equal(version, scratch.read "packaging/PKGBUILD":match "pkgver=(%S+)")
    assert.equal(version, scratch.read "debian/changelog":match "^lunik %(([%d.]+)%-")
    assert.truthy(unistd.access(("rockspecs/lunik-%s-1.rockspec"):format(version), "r"))
    assert.truthy(scratch.read "CHANGELOG.md":find("## " .. version, 1, true))
  end)

  it("is understood by rpm", function()
    local text = output { "rpmspec", "-P", "packaging/lunik.spec" }
    for _, name in ipairs { "json-c-devel", "lua-posix >= 35", "lua-argparse" } do
      assert.truthy(text:find(name, 1, true), name)
    end
    assert.matches("0 errors", output { "rpmlint", "packaging/lunik.spec" })
  end)

  it("is understood by makepkg", function()
    local dir = scratch.new()
    local _ <close> = require "lunik.async.defer"(function()
      output { "chmod", "-R", "u+rwX,o+rwX", dir }
      scratch.remove(dir)
    end)
    output { "cp", "packaging/PKGBUILD", dir }
    output { "chmod", "777", dir }
    local argv = { "env", "PATH=/usr/bin:/bin", "PACMAN=true", "makepkg", "--printsrcinfo" }
    -- makepkg does not run as root, nor where a folder of PATH may not be entered
    if unistd.geteuid() == 0 then
      argv = { "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
        table.unpack(argv) }
    end
    local text = output(argv, dir)
    for _, line in ipairs { "pkgname = lunik", "depends = lua-posix", "pkgver = " .. version } do
      assert.truthy(text:find(line, 1, true), line)
    end
  end)

  it("puts into the package of rpm all that make install puts", function()
    local files = scratch.read "packaging/lunik.spec":match "\n%%files\n(.-)\n%%changelog"
    local root = scratch.new()
    output { "make", "-s", "LUA=" .. run.interpreter, "stage", "PREFIX=/usr",
      "STAGE=" .. root .. "/s", "LIBDIR=/usr/lib64/lua/5.4" }
    local macros = { _bindir = "/usr/bin", _libdir = "/usr/lib64", _datadir = "/usr/share",
      _mandir = "/usr/share/man", _docdir = "/usr/share/doc" }
    local patterns = {}
    for line in files:gmatch "[^\n]+" do
      local path = line:match "(%%{.*)$"
      if path then
        path = path:gsub("%%{([%w_]+)}", macros):gsub("[%-%.]", "%%%0"):gsub("%*", ".*")
        table.insert(patterns, "^" .. path)
      end
    end
    local left = {}
    for _, path in ipairs(scratch.list(root .. "/s")) do
      local there, folder = "/" .. path, root .. "/s/" .. path
      local own = there:find("/posix", 1, true)
      for _, pattern in ipairs(patterns) do own = own or there:find(pattern) end
      local is_folder = stat.S_ISDIR(stat.lstat(folder).st_mode) ~= 0
      if not own and not is_folder then left[#left + 1] = there end
    end
    scratch.remove(root)
    assert.same({}, left)
  end)

  it("makes one executable, which needs no Lua", function()
    output { "make", "-s", "LUA=" .. run.interpreter, "standalone" }
    local home, program = house.new(), house.program
    local _ <close> = require "lunik.async.defer"(function()
      house.program = program
      home:close()
    end)
    house.program = program:gsub("/lunik$", "/standalone/lunik")
    local linked = output { "ldd", house.program }
    assert.is_nil(linked:find "liblua", linked)
    assert.is_nil(linked:find "json%-c", linked)
    home:does("up", home:small("whole", "agent {},"))
    assert.equal("hello\n", (home:does("exec", "whole", "echo", "hello")))
    assert.equal(house.program, unistd.readlink(("/proc/%d/exe"):format(
      home:json("status", "whole", "--json").supervisor.pid)))
    home:does("down", "whole")
  end)
end)
