-- SPDX-License-Identifier: MIT
-- What `make` leaves where somebody else runs it: an installed lunik has nothing of an earlier one,
-- and a checkout knows where it lies.
local run = require "support.run"
local scratch = require "support.scratch"
local specs = require "support.specs"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

describe("make", function()
  local dir, checkout
  before_each(function() dir, checkout = scratch.new(), unistd.getcwd() end)
  after_each(function() scratch.remove(dir) end)

  local function does(argv, options)
    local env = { "PATH=" .. os.getenv "PATH", "HOME=" .. dir }
    for _, each in ipairs(options and options.env or {}) do env[#env + 1] = each end
    local text, how, status = run.output { argv = argv, path = true, env = env, fds = { [2] = 1 },
      cwd = options and options.cwd }
    assert(how == "exited" and status == 0, table.concat(argv, " ") .. ": " .. tostring(text))
    return text
  end

  local function make(...)
    return does({ "make", "-s", "-C", checkout, "LUA=" .. run.interpreter, ... })
  end

  local function folder(path)
    local at = dir
    for name in path:gmatch "[^/]+" do
      at = at .. "/" .. name
      stat.mkdir(at)
    end
    return at
  end

  it("install replaces an earlier lunik, and leaves others' extensions", function()
    local lua = folder "usr/share/lua/5.4"
    folder "usr/share/lua/5.4/lunik/ext"
    for _, name in ipairs { "hotplug", "gone", "init" } do
      scratch.write(("%s/lunik/%s.lua"):format(lua, name), "error 'an earlier lunik'")
    end
    scratch.write(lua .. "/lunik/ext/theirs.lua", "return 'theirs'")
    make("install", "DESTDIR=" .. dir, "PREFIX=/usr")
    assert.is_nil(stat.stat(lua .. "/lunik/gone.lua"))
    assert.matches("^lunik ", does { dir .. "/usr/bin/lunik", "version" })
    assert.equal("theirs", does({ run.interpreter, "-e", [[
      assert(require "lunik.hotplug" and require "lunik".plan)
      io.write((require "lunik.ext.theirs"))]] }, { cwd = dir, env = {
        ("LUA_PATH=%s/?.lua;%s/?/init.lua;;"):format(lua, lua),
        ("LUA_CPATH=%s/usr/lib/lua/5.4/?.so;;"):format(dir) } }))
    does({ dir .. "/usr/bin/lunik", "init" }, { cwd = dir })
    local library = scratch.read(dir .. "/.luarc.json"):match '"([^"]*/library)"'
    assert.equal(dir .. "/.local/share/lunik/types/", library:sub(1, #dir + 26))
    assert.truthy(stat.stat(library .. "/recipe.lua"))
    assert.truthy(stat.stat(lua .. "/lunik/types/recipe.lua"))
  end)

  it("install is itself whole while others are at work in the same checkout", function()
    local started = {}
    make("build", "c")
    for i = 1, 2 do
      started[i] = table.pack(run.start { path = true, cwd = checkout, fds = { [2] = 1 },
        env = { "PATH=" .. os.getenv "PATH", "HOME=" .. dir },
        argv = { "make", "-s", "LUA=" .. run.interpreter, "install", "install-c",
                 "PREFIX=/usr/" .. i, "DESTDIR=" .. dir } })
    end
    local whole
    for i, each in ipairs(started) do
      local text = run.drain(each[2])
      assert.same({ "exited", 0 }, { each[1]:wait(120) }, text)
      local at = ("%s/usr/%d"):format(dir, i)
      whole = whole or scratch.list(at)
      assert.same(whole, scratch.list(at))
    end
    -- each library knows where its own Lua half lies
    for i = 1, 2 do
      local library = ("/usr/%d/lib/liblunik.a"):format(i)
      make("install-c", "PREFIX=/usr/" .. i, "DESTDIR=" .. dir .. "/alone")
      assert.is_true(scratch.read(dir .. "/alone" .. library) == scratch.read(dir .. library))
    end
    assert.is_false(scratch.read(dir .. "/usr/1/lib/liblunik.a")
                    == scratch.read(dir .. "/usr/2/lib/liblunik.a"))
    for _, name in ipairs(scratch.list(checkout .. "/build")) do
      assert.is_nil(name:find "^stage[%w-]*%.%d+")
    end
  end)

  it("uninstall leaves nothing of what install has put, and all that others have", function()
    local where = { "DESTDIR=" .. dir, "PREFIX=/opt/own" }
    make("install", table.unpack(where))
    local list = scratch.list(dir)
    for _, path in ipairs { "bin/lunik", "share/man/man1/lunik.1", "share/man/man5/lunik-recipe.5",
      "share/man/man1/lunik-up.1", "share/bash-completion/completions/lunik",
      "share/zsh/site-functions/_lunik", "share/fish/vendor_completions.d/lunik.fish",
      "share/doc/lunik/docs/reference.md", "share/doc/lunik/examples/projects/vm.lua",
      "share/lua/5.4/lunik/types/recipe.lua" } do
      assert(stat.stat(dir .. "/opt/own/" .. path), path)
    end
    make("uninstall", table.unpack(where))
    assert.same({}, scratch.list(dir))
    assert.is_true(#list > 300)

    folder "opt/own/share/lua/5.4/lunik/ext"
    folder "opt/own/share/man/man1"
    local theirs = dir .. "/opt/own/share/lua/5.4/lunik/ext/theirs.lua"
    scratch.write(theirs, "return 'theirs'")
    local before = scratch.list(dir)
    make("install", table.unpack(where))
    make("install", table.unpack(where))
    make("uninstall", table.unpack(where))
    assert.same(before, scratch.list(dir))
  end)

  it("install removes what an earlier install has put, and this one has not", function()
    make("install", "DESTDIR=" .. dir, "PREFIX=/usr")
    local manifest = dir .. "/usr/share/lunik/installed"
    local gone = "/usr/share/man/man1/lunik-gone.1"
    scratch.write(dir .. gone, "gone")
    scratch.write(dir .. "/usr/share/man/man1/other.1", "other")
    local lines = {}
    for line in (scratch.read(manifest) .. gone):gmatch "[^\n]+" do lines[#lines + 1] = line end
    table.sort(lines)
    scratch.write(manifest, table.concat(lines, "\n") .. "\n")
    make("install", "DESTDIR=" .. dir, "PREFIX=/usr")
    assert.is_nil(stat.stat(dir .. gone))
    assert(stat.stat(dir .. "/usr/share/man/man1/other.1"))
  end)

  it("installs manual pages that are written well", function()
    make("man", "SOURCE_DATE_EPOCH=1700000000")
    local pages = specs.list((os.getenv "B" or "build") .. "/man", "%.[15]$")
    assert.is_true(#pages > 45)
    local text = run.output { argv = { "mandoc", "-T", "lint", "-W", "warning",
      table.unpack(pages) }, path = true, fds = { [2] = 2 } }
    assert.equal("", text)
    for _, page in ipairs(pages) do
      assert.equal("", does { "groff", "-man", "-ww", "-z", "-Tutf8", page })
      assert.matches("2023%-11%-14", scratch.read(page))
    end
  end)

  -- What a program says that ends with 70, where Lua's own paths lead to nothing.
  local function fails(program)
    local text, _, status = run.output { argv = { "sh", "-c", '"$0" version 2>&1', program },
      path = true, env = { "PATH=" .. os.getenv "PATH", "LUA_PATH=/nowhere/?.lua",
      "LUA_CPATH=/nowhere/?.so" } }
    assert.equal(70, status)
    return text
  end

  it("tells in one line what an installed lunik lacks, by its rock", function()
    make("install", "DESTDIR=" .. dir, "PREFIX=/usr")
    for _, kind in ipairs { "share", "lib" } do
      does { "rm", "-rf", ("%s/usr/%s/lua/5.4/posix"):format(dir, kind) }
    end
    assert.equal("lunik: luaposix for Lua 5.4 is not there: "
      .. "run `luarocks --lua-version 5.4 install luaposix`\n", fails(dir .. "/usr/bin/lunik"))
  end)

  it("tells in one line what a checkout lacks before make deps", function()
    for _, name in ipairs { "lua", "bin" } do does { "cp", "-Rp", name, dir } end
    folder "build"
    does { "cp", "-Rp", "build/lib", "build/lunik", dir .. "/build" }
    assert.equal("lunik: luaposix for Lua 5.4 is not there: run `make deps` in the checkout\n",
      fails(dir .. "/build/lunik"))
  end)

  it("builds the program of a checkout that was moved for its new place", function()
    for _, name in ipairs { "Makefile", "bin", "lua", "src", "scripts" } do
      does { "cp", "-Rp", name, dir }
    end
    folder "build"
    for _, name in ipairs { "lib", "src", "deps", "lunik", "place" } do
      local path = "build/" .. name
      if stat.stat(path) then does { "cp", "-Rp", path, dir .. "/build" } end
    end
    checkout = dir
    make "build"
    local program = dir .. "/build/lunik"
    local text = scratch.read(program)
    assert.truthy(text:find(('home = "%s"'):format(program), 1, true))
    unistd.link(program, dir .. "/link", true)
    assert.matches("^lunik ", does({ dir .. "/link", "version" }, { cwd = "/" }))
    scratch.write(program, text .. "-- still the same\n")
    make "build"
    assert.matches("still the same\n$", scratch.read(program))
  end)
end)
