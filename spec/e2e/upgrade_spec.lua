-- An upgrade of an installed lunik: machines that run meanwhile go on with the modules that they
-- were started with, and the new program speaks to them.
local house = require "support.house"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"
local version = require "lunik.version"

describe("an upgrade", function()
  local home, program

  before_each(function()
    home, program = house.new(), house.program
    house.program = home.dir .. "/prefix/bin/lunik"
  end)
  after_each(function()
    house.program = program
    home:close()
  end)

  local function does(...)
    local text, how, status = run.output { argv = { ... }, path = true, fds = { [2] = 1 },
      env = { "PATH=" .. os.getenv "PATH", "HOME=" .. home.dir } }
    assert(how == "exited" and status == 0, text)
  end

  local function install(checkout)
    does("make", "-s", "-C", checkout, "LUA=" .. run.interpreter, "install",
         "PREFIX=" .. home.dir .. "/prefix")
  end

  -- A checkout of a later version: a supervisor that took one of its modules would fail.
  local function later()
    local checkout = home.dir .. "/later"
    stat.mkdir(checkout)
    stat.mkdir(checkout .. "/build")
    for _, name in ipairs { "Makefile", "README.md", "CHANGELOG.md", "LICENSE", "bin", "docs",
      "examples", "lua", "scripts", "src", "types", "build/lib", "build/src", "build/deps" } do
      if stat.stat(name) then does("cp", "-Rp", name, checkout .. "/" .. name) end
    end
    scratch.write(checkout .. "/lua/lunik/version.lua", 'return "9.0.0"\n')
    local module = checkout .. "/lua/lunik/vm/devices.lua"
    scratch.write(module, "assert(require 'lunik.version' == '9.0.0', 'of another version')\n"
      .. scratch.read(module))
    return checkout
  end

  it("leaves machines running, which the new program goes on speaking to", function()
    install(unistd.getcwd())
    local recipe = home:small("old", "agent {}, hotplug { ports = 2 },")
    home:does("up", recipe)
    assert.equal(version, home:json("status", "old", "--json").version)
    install(later())
    assert.matches("^lunik 9%.0%.0", (home:does "version"))
    local found = home:json("status", "old", "--json")
    assert.same({ version, true }, { found.version, found.ready })
    assert.equal("hello\n", (home:does("exec", "old", "echo", "hello")))
    home:does("plug", "old", "device", "driver=virtio-rng-pci", "id=dice")
    assert.equal("dice", home:json("status", "old", "--json").devices[1].id)
    home:does("unplug", "old", "dice")
    home:does("mount", "old", home.dir, "--to", "/work", "--tag", "work")
    assert.equal("lunik\n", (home:does("exec", "old", "ls", "/work/prefix/bin")))
    home:does("apply", "old")
    home:does("restart", "old")
    assert.equal("9.0.0", home:json("status", "old", "--json").version)
    home:does("down", "old")
  end)
end)
