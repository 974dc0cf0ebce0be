-- lunik from C, C++, Python and a program with GLib's loop: the examples, built by pkg-config
-- against a lunik that was installed where nobody looks for it, each with a real guest.
local embed = require "support.embed"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local stdlib = require "posix.stdlib"

describe("an installed liblunik", function()
  local home, prefix, recipe, shared
  local checkout = stdlib.realpath "."

  local function pkg_config(...)
    return embed.does({ "pkg-config", ... }, { "PKG_CONFIG_PATH=" .. prefix .. "/lib/pkgconfig" })
  end

  local function words(text)
    local list = {}
    for word in text:gmatch "%S+" do list[#list + 1] = word end
    return table.unpack(list)
  end

  setup(function()
    home = embed.house()
    stat.mkdir(home.dir .. "/first", 448)
    local first = home.dir .. "/first/prefix"
    embed.make("install", "install-c", "PREFIX=" .. first)
    -- it is found from where it lies, not from where it was put
    prefix = home.dir .. "/prefix"
    assert(os.rename(first, prefix))
    embed.does { "sed", "-i", "s|" .. first .. "|" .. prefix .. "|",
                 prefix .. "/lib/pkgconfig/lunik.pc" }
    recipe = home:small("embedded", "agent {}, hotplug { ports = 4 }")
    shared = home.dir .. "/shared"
    stat.mkdir(shared, 448)
    scratch.write(shared .. "/from-the-host", "")
  end)
  teardown(function()
    embed.does { "rm", "-rf", prefix }
    home:close()
  end)
  after_each(function() assert.same({}, home:runtime()) end)

  -- Compiles an example with what pkg-config says, and nothing else of lunik's.
  local function compile(compiler, source, ...)
    local program = ("%s/%s"):format(home.dir, source:gsub("%W", "-"))
    local argv = { compiler, "-Wall", "-Wextra", "-Werror",
                   ("%s/examples/embed/%s"):format(checkout, source) }
    for _, word in ipairs { words(pkg_config("--cflags", "--libs", "lunik", ...)) } do
      argv[#argv + 1] = word
    end
    table.move({ "-Wl,-rpath," .. prefix .. "/lib", "-o", program }, 1, 3, #argv + 1, argv)
    embed.does(argv)
    return program
  end

  -- Runs a program without any environment variable that leads to lunik.
  local function runs(argv)
    local text, status = embed.run({ env = home.env, dir = home.dir }, argv, 180)
    assert.equal(0, status, text)
    return text
  end

  it("is used by the program that docs/c.md begins with", function()
    scratch.write(home.dir .. "/vm.lua", scratch.read(recipe))
    assert.matches("^it runs Linux %d[^\n]*\n$", runs { compile("cc", "first.c") })
  end)

  it("is used by a program in C", function()
    local text = runs { compile("cc", "embed.c"), recipe, shared, "cpus=1" }
    assert.matches("%-smp 1 ", text)
    assert.matches("\nready: ready after [%d.]+ s\n", text)
    assert.matches("\nexit 0: from%-the%-host\n", text)
    assert.matches('\nmounts: %[{"from":"' .. shared:gsub("%p", "%%%0") .. '"', text)
    assert.matches('\nheard: embedded SHUTDOWN: {.*"reason":"guest%-shutdown"', text)
  end)

  it("asks a policy in C", function()
    local program = compile("cc", "embed.c")
    local source = scratch.read(checkout .. "/examples/embed/embed.c")
    scratch.write(home.dir .. "/writes.c", (source:gsub('"/shared", 1%)', '"/shared", 0)')))
    embed.does { "cc", home.dir .. "/writes.c", "-o", program, "-Wl,-rpath," .. prefix .. "/lib",
                 words(pkg_config("--cflags", "--libs", "lunik")) }
    local text, status = embed.run(home, { program, recipe, shared }, 180)
    assert.equal(1, status)
    assert.matches("refused by the policy at lunik.run: read only, please", text, 1, true)
  end)

  it("is used by one in C++, with a recipe that lies in it and asks it", function()
    local text = runs { compile("c++", "embed.cpp"), home.guest, shared }
    assert.matches("^exit 0: from%-the%-host\nended with 0\nheard: .*\nheard: SHUTDOWN\n", text)
  end)

  it("is used by one that waits in GLib's loop", function()
    local text = runs { compile("cc", "glib.c", "glib-2.0"), recipe, shared }
    assert.matches('^ready: ready\nlisted: {.*"out%-b64":"ZnJvbS10aGUtaG9zdAo=".*}\n'
      .. 'ended: {.*"kind":"poweroff"', text)
  end)

  local PYTHON = "^lunik 0%.1%.0\nmount: mounted\nexit 0 of True\nheard: SHUTDOWN\nended with 0\n$"

  -- ctypes loads with RTLD_LOCAL: no symbol of Lua's is there for luaposix, unless lunik sees to it
  it("is used by one in Python", function()
    local argv = { "python3", checkout .. "/examples/embed/embed.py",
                   prefix .. "/lib/liblunik.so.0", recipe, shared }
    assert.matches(PYTHON, runs(argv))
  end)

  it("is attached to a machine that lives on its own", function()
    home:does("up", recipe)
    assert.matches(PYTHON, runs { "python3", checkout .. "/examples/embed/embed.py",
      prefix .. "/lib/liblunik.so.0", "embedded", shared })
    assert.equal(0, home:json("status", "embedded", "--json").ended.code)
  end)

  for _, how in ipairs { "started", "attached to" } do
    it(("speaks to programs of a guest that is %s, and copies"):format(how), function()
      local what = recipe
      if how ~= "started" then
        what = "embedded"
        home:does("up", recipe)
      end
      assert.equal("ok\n", runs { "python3", checkout .. "/spec/support/embed/guest.py",
        checkout .. "/examples/embed", prefix .. "/lib/liblunik.so.0", what })
    end)
  end

  it("can be linked in whole", function()
    local program = prefix .. "/bin/static"
    local argv = { "cc", checkout .. "/spec/support/embed/road.c", "-o", program,
                   prefix .. "/lib/liblunik.a" }
    for _, word in ipairs { words(pkg_config("--static", "--cflags", "--libs", "lunik")) } do
      if word ~= "-llunik" then argv[#argv + 1] = word end
    end
    embed.does(argv)
    local _, status = embed.run(home, { program, home:recipe("short", embed.empty:format "short"
      :gsub("return machine {", '%0 on("ready", function(vm) vm:stop() end),')) })
    assert.equal(6, status)
    assert.is_nil(embed.does { "readelf", "-d", program }:find "liblunik")
  end)

  it("shows what the header declares, and nothing else", function()
    local declared, shown = {}, {}
    for name in scratch.read("src/embed/lunik.h"):gmatch "%f[%w_](lunik_[%w_]+)%(" do
      declared[name] = true
    end
    for _, library in ipairs { { "-D", "liblunik.so.0" }, { "-g", "liblunik.a" } } do
      local there = {}
      for version, name in embed.does { "nm", "--defined-only", library[1],
          prefix .. "/lib/" .. library[2] }:gmatch "%x+ (%u) (%S+)" do
        name = name:gsub("@@LUNIK_0%.1$", "")
        if version ~= "A" then there[name] = true end
      end
      shown[library[2]] = there
    end
    assert.same({ ["liblunik.so.0"] = declared, ["liblunik.a"] = declared }, shown)
    local core = {}
    for name in embed.does { "nm", "-D", "--defined-only", embed.lib .. "/lunik/core.so" }
        :gmatch "%x+ %u (%S+)" do
      core[#core + 1] = name
    end
    assert.same({ "luaopen_lunik_core" }, core)
  end)

  it("has a name by which programs find one of the same interface", function()
    assert.matches("SONAME.*%[liblunik.so.0%]",
      embed.does { "readelf", "-d", prefix .. "/lib/liblunik.so" })
    assert.equal("0.1.0\n", pkg_config("--modversion", "lunik"))
  end)
end)
