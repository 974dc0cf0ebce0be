-- Directories that are walked without following a symbolic link.
local core = require "lunik.core"
local errno = require "posix.errno"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

-- The cases, for a kernel with openat2 and for one without: prints what is wrong.
local CASES = [[
  local core, errno = require "lunik.core", require "posix.errno"
  local dir = %q
  local function code(path, make) return (select(3, core.folder.look(dir .. path, make))) end
  assert(code "/link" == errno.ELOOP and code "/link/inner" == errno.ELOOP)
  assert(code("/link/new", true) == errno.ELOOP)
  assert(code "/file" == errno.ENOTDIR and code "/file/x" == errno.ENOTDIR)
  assert(code "/none" == errno.ENOENT and code("/none/x", true) == errno.ENOENT)
  assert(core.folder.look(dir .. "/real/inner").mode == 448)
  local made = core.folder.look(dir .. "/real/new", true)
  assert(made.made and made.mode == 448)
  assert(not core.folder.look(dir .. "/real/new", true).made)
  assert(core.folder.look "/".uid == 0)
  print "as it should be"
]]

describe("core.folder", function()
  local dir
  before_each(function()
    dir = scratch.new()
    stat.mkdir(dir .. "/real", 448)
    stat.mkdir(dir .. "/real/inner", 448)
    unistd.link("real", dir .. "/link", true)
    scratch.write(dir .. "/file", "")
  end)
  after_each(function() scratch.remove(dir) end)

  local function cases(preload)
    return (run.lua(CASES:format(dir), { preload = preload, fds = { [2] = 2 } }))
  end

  it("looks at directories and makes them, and follows no link on the way", function()
    assert.equal("as it should be\n", cases())
  end)

  it("does the same on a kernel without openat2 #native", function()
    local shim = dir .. "/enosys.so"
    assert(os.execute("cc -shared -fPIC -o " .. shim .. " spec/support/enosys.c"))
    assert.equal("as it should be\n", cases((os.getenv "LD_PRELOAD" or "") .. " " .. shim))
  end)

  it("says whose a directory is", function()
    assert.equal(unistd.geteuid(), core.folder.look(dir .. "/real").uid)
  end)

  it("takes paths of any length for what they are", function()
    local _, _, code = core.folder.look("/" .. ("x"):rep(70000))
    assert.equal(errno.ENAMETOOLONG, code)
    assert.equal(errno.ENOENT, (select(3, core.folder.look "")))
  end)

  it("says when something was changed last, of a link itself", function()
    scratch.write(dir .. "/file", "x")
    unistd.link("file", dir .. "/to file", true)
    assert.is_true(core.folder.touch(dir .. "/to file", 1234567890))
    assert.equal(1234567890, stat.lstat(dir .. "/to file").st_mtime)
    assert.not_equal(1234567890, stat.stat(dir .. "/file").st_mtime)
    assert.is_true(core.folder.touch(dir .. "/to file", -5, 123456789))
    assert.same({ -5, 123456789 }, { core.folder.changed(dir .. "/to file") })
    assert.same({ core.folder.changed(dir .. "/file") },
                { core.folder.changed(dir .. "/to file", true) })
    assert.error_matches(function() core.folder.touch(dir .. "/file", 1, 1000000000) end,
                         "less than a second expected")
    assert.equal(errno.ENOENT, (select(3, core.folder.changed(dir .. "/none"))))
    local ok, why, code = core.folder.touch(dir .. "/none", 1)
    assert.is_nil(ok)
    assert.equal(dir .. "/none: No such file or directory", why)
    assert.equal(errno.ENOENT, code)
  end)
end)
