-- `make release` on a copy of the project: one version wherever it stands, and a tag.
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

describe("a release", function()
  local dir, copy
  before_each(function() dir = scratch.new() copy = dir .. "/copy" end)
  after_each(function() scratch.remove(dir) end)

  local function output(...)
    local text, _, status = run.output { argv = { "sh", "-c", 'exec "$@" 2>&1', "sh", ... },
      path = true, cwd = stat.stat(copy) and copy or nil, env = { "PATH=" .. os.getenv "PATH",
        "HOME=" .. dir, "LUA=" .. run.interpreter, "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@a",
        "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@a" } }
    return text, status
  end

  local function does(...)
    local text, status = output(...)
    assert(status == 0, text)
    return text
  end

  -- The project as it lies here, committed.
  local function project()
    stat.mkdir(copy)
    for _, name in ipairs { "CHANGELOG.md", "lua", "packaging", "debian", "rockspecs", "scripts",
      "lunik-scm-1.rockspec" } do
      does("cp", "-R", unistd.getcwd() .. "/" .. name, copy)
    end
    scratch.write(copy .. "/.gitignore", "build/\n")
    does("git", "init", "-q", ".")
    does("git", "add", "-A")
    does("git", "commit", "-q", "-m", "all")
  end

  it("has one version everywhere, a rockspec, a tag and a tarball of it", function()
    project()
    assert.matches("v77%.0%.1 is tagged, and packed: build/lunik%-77%.0%.1%.tar%.gz",
      does("scripts/release", "77.0.1"))
    for path, pattern in pairs {
      ["lua/lunik/version.lua"] = 'return "77%.0%.1"\n', ["CHANGELOG.md"] = "\n## 77%.0%.1\n",
      ["packaging/PKGBUILD"] = "\npkgver=77%.0%.1\n",
      ["packaging/lunik.spec"] = "\nVersion: +77%.0%.1\n.*%- 77%.0%.1%-1\n",
      ["debian/changelog"] = "^lunik %(77%.0%.1%-1%) ",
      ["rockspecs/lunik-77.0.1-1.rockspec"] = 'version = "77%.0%.1%-1"' } do
      assert.matches(pattern, scratch.read(copy .. "/" .. path))
    end
    assert.equal("v77.0.1\n", does("git", "describe"))
    assert.equal("", does("git", "status", "--porcelain"))
    assert.matches("lunik%-77%.0%.1/lua/lunik/version%.lua",
      does("tar", "-tzf", "build/lunik-77.0.1.tar.gz"))
    assert.matches("v77%.0%.1 is released already", (output("scripts/release", "77.0.1")))
  end)

  it("refuses what is no version, one that was, and what is not committed", function()
    project()
    assert.matches("MAJOR.MINOR.PATCH expected, got '1.0'", (output("scripts/release", "1.0")))
    assert.matches("0.0.1 is before ", (output("scripts/release", "0.0.1")))
    scratch.write(copy .. "/more", "")
    assert.matches("not all is committed", (output("scripts/release", "77.0.1")))
  end)
end)
