-- What `make` builds: of the same sources the same bytes, with what its user says of the compiler,
-- hardened; and what it says where something is missing.
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

describe("the build", function()
  local dir, checkout
  before_each(function() dir, checkout = scratch.new(), unistd.getcwd() end)
  after_each(function() scratch.remove(dir) end)

  -- Output and status of a program that is looked for.
  local function output(argv, env)
    local all = { "PATH=" .. os.getenv "PATH", "HOME=" .. dir, "LC_ALL=C" }
    table.move(env or {}, 1, #(env or {}), #all + 1, all)
    local child, out = run.start { argv = { "sh", "-c", 'exec "$@" 2>&1', "sh",
      table.unpack(argv) }, path = true, env = all }
    local text = run.drain(out)
    local _, status = child:wait(200)
    return text, status
  end

  local function does(argv, env)
    local text, status = output(argv, env)
    assert(status == 0, table.concat(argv, " ") .. ": " .. text)
    return text
  end

  local function sources(to)
    stat.mkdir(to)
    for _, name in ipairs { "Makefile", "README.md", "CHANGELOG.md", "LICENSE", "bin", "docs",
      "examples", "lua", "scripts", "src", "types" } do
      does { "cp", "-R", name, to }
    end
    if stat.stat "build/deps" then
      stat.mkdir(to .. "/build")
      does { "cp", "-R", "build/deps", to .. "/build" }
    end
    return to
  end

  it("gives the same bytes of the same sources, wherever they lie", function()
    local trees = {}
    for i, from in ipairs { checkout, sources(dir .. "/elsewhere") } do
      trees[i] = ("%s/%d"):format(dir, i)
      does({ "make", "-s", "-C", from, "B=" .. dir .. "/build" .. i, "STAGE=" .. trees[i],
        "LUA=" .. run.interpreter, "PREFIX=/usr", "stage" }, { "SOURCE_DATE_EPOCH=1700000000" })
    end
    assert.same(scratch.list(trees[1]), scratch.list(trees[2]))
    assert.equal("", does { "diff", "-r", trees[1], trees[2] })
    local headers = does { "readelf", "-d", "-l", trees[1] .. "/usr/lib/lua/5.4/lunik/core.so" }
    assert.matches("BIND_NOW", headers)
    assert.matches("GNU_RELRO", headers)
    local symbols = does { "nm", "-D", trees[1] .. "/usr/lib/lua/5.4/lunik/core.so" }
    assert.matches("__stack_chk_fail", symbols)
    assert.matches("__%w+_chk", (symbols:gsub("__stack_chk_fail", "")))
  end)

  it("takes the user's compiler and flags", function()
    local said = does { "make", "-n", "V=1", "B=" .. dir, "CC=my-cc", "CFLAGS=-Og -mine",
      "CPPFLAGS=-D_FORTIFY_SOURCE=3", "LDFLAGS=-Wl,--mine", "build" }
    assert.matches("\nmy%-cc [^\n]*%-D_FORTIFY_SOURCE=3 %-Og %-mine [^\n]*%-c ", said)
    assert.matches("\nmy%-cc %-shared [^\n]*%-Wl,%-%-mine ", said)
    assert.is_nil(said:find("FORTIFY_SOURCE=2", 1, true))
  end)

  it("names the packages of json-c where it is not there", function()
    scratch.write(dir .. "/pkg-config", "#!/bin/sh\nexit 1\n", 493)
    local text, status = output({ "make", "-s", "B=" .. dir .. "/b", "build" },
      { ("PATH=%s:%s"):format(dir, os.getenv "PATH") })
    assert.equal(2, status)
    for _, name in ipairs { "libjson%-c%-dev %(Debian", "json%-c%-devel %(Fedora",
      "json%-c %(Arch", "json%-c%-dev %(Alpine" } do assert.matches(name, text) end
  end)

  it("says which Lua it is for where there is none, or another", function()
    local text, status = output { "make", "-s", "B=" .. dir .. "/b", "LUA=lua9", "build" }
    assert.equal(2, status)
    assert.matches("lunik: no lua9 is there: install lua5%.4 %(Debian", text)
    text, status = output { "make", "-s", "B=" .. dir .. "/b", "LUA=lua5.1", "build" }
    assert.equal(2, status)
    assert.matches("lunik is for Lua 5%.4 and 5%.5, and lua5%.1 is Lua 5%.1: name another: ", text)
  end)

  -- apt-get and sudo that install nothing
  local function installed(...)
    scratch.write(dir .. "/apt-get", "#!/bin/sh\necho \"$@\"\n", 493)
    scratch.write(dir .. "/sudo", "#!/bin/sh\nexec \"$@\"\n", 493)
    scratch.write(dir .. "/dpkg-query", "#!/bin/sh\nexit 1\n", 493)
    return does({ "scripts/deps", ... }, { ("PATH=%s:%s"):format(dir, os.getenv "PATH") })
  end

  it("has a demo that does not install what only tests need", function()
    local demo, all = installed("--demo", "mine"), installed "mine"
    for _, name in ipairs { "gcc", "lua5%.4", "qemu%-system%-x86", "syslinux", "mine" } do
      assert.matches(" " .. name .. "%f[%s]", demo)
      assert.matches(" " .. name .. "%f[%s]", all)
    end
    for _, name in ipairs { "valgrind", "clang", "lua%-busted", "debootstrap" } do
      assert.is_nil(demo:find(" " .. name .. "%f[%s]"))
      assert.matches(" " .. name .. "%f[%s]", all)
    end
  end)

  it("makes guests' programs anew when a compiler for their architecture has come", function()
    local fewer = dir .. "/fewer"
    stat.mkdir(fewer)
    does { "find", "/usr/bin", "(", "-name", "*aarch64*", "-o", "-name", "clang*", ")", "-o",
      "-exec", "ln", "-st", fewer, "{}", "+" }
    local header = dir .. "/b/src/guest/reseed.h"
    local argv = { "make", "-s", "B=" .. dir .. "/b", "LUA=" .. run.interpreter, header }
    assert.matches("note: no compiler for guests of aarch64 is there", does(argv,
      { "PATH=" .. fewer }))
    assert.is_nil(scratch.read(header):find "reseed_aarch64")
    assert.equal("", does(argv))
    assert.truthy(scratch.read(header):find "reseed_aarch64")
  end)

  it("refuses another Lua, and names both", function()
    local text, status = output({ "lua5.1", "-e", "require 'lunik'" },
      { ("LUA_PATH=%s/lua/?.lua;%s/lua/?/init.lua"):format(checkout, checkout) })
    assert.equal(1, status)
    assert.matches("^lua5%.1: [^\n]*lunik is for Lua 5%.4 and 5%.5, and this is Lua 5%.1\n", text)
  end)

  it("has a rockspec for this version that differs from that of the sources in place only",
    function()
      local version = require "lunik.version"
      local printed = does { run.interpreter, "scripts/rockspec" }
      assert.equal(printed, scratch.read(("rockspecs/lunik-%s-1.rockspec"):format(version)))
      assert.matches('version = "' .. version:gsub("%.", "%%.") .. '%-1"', printed)
      assert.matches("/lunik%-" .. version:gsub("%.", "%%.") .. "%.tar%.gz", printed)
    end)
end)
