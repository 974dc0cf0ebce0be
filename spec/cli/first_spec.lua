-- `lunik init`: what it writes is right, it asks whoever is at a terminal, it overwrites nothing.
local core = require "lunik.core"
local house = require "support.house"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

local PATIENCE = 90

describe("lunik init", function()
  local home
  before_each(function()
    home = house.new()
    for _, name in ipairs { "src", "sub", ".ssh", "sub/in" } do
      stat.mkdir(home.dir .. "/" .. name, 448)
    end
    scratch.write(home.dir .. "/disk.raw", ("\0"):rep(1 << 20))
    scratch.write(home.dir .. "/odd image", ("\0"):rep(1 << 20))
    scratch.write(home.dir .. "/key", "", 384)
    run.output { argv = { "qemu-img", "create", "-q", "-f", "qcow2", home.dir .. "/cloud.img",
                          "1M" }, path = true }
  end)
  after_each(function() home:close() end)

  local function text(name) return scratch.read(home.dir .. "/" .. name) end
  local function is_there(name) return stat.lstat(home.dir .. "/" .. name) ~= nil end

  it("writes a recipe of what its options say, and where editors find its words", function()
    local out, errors = home:does("init", "--name", "web", "--image", "cloud.img", "--memory",
      "512M", "--cpus", "4", "--mount", "src:/src", "--mount", "sub", "--ssh-key", "key",
      "--user", "me")
    assert.equal("wrote vm.lua\nwrote .luarc.json\n", out)
    assert.equal("", errors)
    assert.equal([[
-- lunik check finds what is wrong here; lunik help machine has the words
return machine {
  name = "web",
  cpus = 4,
  memory = "512M",

  -- what the guest writes goes to the overlay; true in its place throws it away
  disk { file = "cloud.img", format = "qcow2", overlay = "cloud.overlay.qcow2" },
  nic {},
  console {},
  ssh { user = "me", key = "key" },
  mount { from = "src", to = "/src" },
  mount { from = "sub" },
}
]], text "vm.lua")
    local rc = core.json.decode(text ".luarc.json")
    assert.equal("Lua 5.4", rc["runtime.version"])
    assert.matches("function machine%(",
                   scratch.read(rc["workspace.library"][1] .. "/recipe.lua"))
  end)

  it("writes what passes its check, whatever is said", function()
    local cases = { {}, { "--disk", "1G" }, { "--disk", "1G", "--cdrom", "disk.raw" },
      { "--image", "disk.raw" }, { "--image", "odd image" }, { "--image", "cloud.img" },
      { "--mount", "src" }, { "--mount", "src:/a b" }, { "--ssh-key", "key" },
      { "--image", home.dir .. "/disk.raw", "--memory", "1.5G" }, { "--name", "x-1" } }
    for i, case in ipairs(cases) do
      for _, folder in ipairs { "", "sub/" } do
        local recipe = ("%sr%d.lua"):format(folder, i)
        local _, errors = home:does("init", recipe, table.unpack(case))
        assert.equal("", errors)
        home:does("check", recipe)
      end
    end
    -- what is told by the name stands there, and what is not by the image
    assert.matches('file = "disk.raw", overlay = "disk.overlay.qcow2"', text "r4.lua")
    assert.matches('file = "odd image", format = "raw", overlay = "odd image.overlay.qcow2"',
                   text "r5.lua")
    assert.matches('file = "' .. home.dir .. '/disk.raw"', text "sub/r4.lua", 1, true)
  end)

  it("names the machine where its folder's name does not", function()
    for folder, name in pairs { ["my project, 2"] = "my-project-2", ["-x"] = "x", ["\u{fc}"] = "vm",
                                [("n"):rep(70)] = ("n"):rep(63) } do
      stat.mkdir(home.dir .. "/" .. folder, 448)
      home:does("init", "./" .. folder)
      assert.matches(('\n  name = "%s",\n'):format(name), text(folder .. "/vm.lua"), 1, true)
      home:does("check", "./" .. folder)
    end
  end)

  it("starts a machine, and keeps what its disk was written", function()
    home:does("init", "--image", "disk.raw", "--memory", "64M", "--name", "m")
    home:does("up", "--set", "accel=tcg")
    home:does("down", "--force")
    assert.is_true(is_there "disk.overlay.qcow2")
  end)

  it("overwrites nothing", function()
    scratch.write(home.dir .. "/vm.lua", "mine")
    scratch.write(home.dir .. "/sub/.luarc.json", "{}")
    assert.same({ 1, "", "lunik init: vm.lua is there already, and stays as it is; lunik init FILE "
                  .. "writes another\n" }, { home:lunik "init" })
    assert.equal("mine", text "vm.lua")
    local out, errors = home:does("init", "sub")
    assert.equal("wrote sub/vm.lua\n", out)
    assert.matches("^lunik: sub/.luarc.json is there already: /%S+/library in its "
                   .. "workspace.library has the words of recipes\n$", errors)
    assert.equal("{}", text "sub/.luarc.json")
    -- a link that leads nowhere is there, too
    os.execute(("ln -s nowhere '%s/link.lua'"):format(home.dir))
    assert.equal(1, (home:lunik("init", "link.lua")))
    assert.is_false(is_there "nowhere")
    -- and an editor that knows the words already is told nothing
    home:does("init", "one.lua")
    out, errors = home:does("init", "two.lua")
    assert.same({ "wrote two.lua\n", "" }, { out, errors })
  end)

  it("has editors read what is installed where nothing can be kept", function()
    home.env[2] = "HOME=" .. home.dir .. "/key"
    home:does("init", "--name", "web")
    local library = core.json.decode(text ".luarc.json")["workspace.library"][1]
    assert.matches("function machine%(", scratch.read(library .. "/recipe.lua"))
    assert.is_nil(library:find(home.dir, 1, true))
  end)

  it("writes nothing where something is wrong, and says what", function()
    for why, argv in pairs {
      ["--image: no such file 'cloud.igm'; did you mean 'cloud.img'?"] =
        { "--image", "cloud.igm" },
      ["--mount: no such directory 'scr'; did you mean 'src'?"] = { "--mount", "scr:/src" },
      ["--mount: 'key' is a file"] = { "--mount", "key" },
      ["--disk: a size such as \"512M\" or \"4G\" expected, got 'x'"] = { "--disk", "x" },
      ["--cpus: a whole number from 1 to 512 expected, got 0"] = { "--cpus", "0" },
      ["--user is with --ssh-key FILE"] = { "--user", "me" },
      ["--image is the disk to boot from: --disk makes a new one in its place"] =
        { "--image", "disk.raw", "--disk", "1G" },
    } do
      local status, _, errors = home:lunik("init", table.unpack(argv))
      assert.same({ 2, "lunik init: " .. why .. "\n" }, { status, errors })
    end
    local status, _, errors = home:lunik("init", "--name", "a b")
    assert.equal(1, status)
    assert.matches("^lunik init: nothing is written: vm.lua:%d+: machine.name: a name of at most",
                   errors)
    for argument, why in pairs {
      ["nowhere/vm.lua"] = "nowhere: no such folder",
      ["web"] = "web: a file that ends in .lua, or a folder that is there, expected" } do
      assert.same({ 1, "", "lunik init: " .. why .. "\n" }, { home:lunik("init", argument) })
    end
    assert.is_false(is_there "vm.lua" or is_there ".luarc.json")
  end)

  it("says what it wrote to programs", function()
    assert.same({ lunik = 1, written = { "sub/vm.lua", "sub/.luarc.json" } },
                home:json("init", "sub", "--json"))
  end)

  it("asks at a terminal, and asks again", function()
    scratch.write(home.dir .. "/.ssh/id_rsa", "", 384)
    local one = home:start({ terminal = true }, "init")
    for _, each in ipairs {
      { "image to boot .none: a new disk, or no disk. %[none%]: ", "cloud.igm" },
      { "no such file 'cloud.igm'; did you mean 'cloud.img'%?%s+image.-: ", "cloud.img" },
      { "memory %[2G%]: ", "lots" }, { 'a size such as.-memory %[2G%]: ', "" },
      { "CPUs %[2%]: ", "1" }, { "private key for ssh %[~/.ssh/id_rsa%]: ", "" },
      { "user in the guest %[root%]: ", "" }, { "directory to share.-: ", "src:/work" } } do
      one:expect(each[1], PATIENCE)
      one:send(each[2] .. "\n")
    end
    one:expect("wrote vm.lua", PATIENCE)
    assert.same({ "exited", 0 }, { one:wait(PATIENCE) })
    local said = text "vm.lua"
    for _, line in ipairs { 'cpus = 1,', 'memory = "2G",', 'mount { from = "src", to = "/work" },',
      'disk { file = "cloud.img", format = "qcow2", overlay = "cloud.overlay.qcow2" },',
      'ssh { user = "root", key = "~/.ssh/id_rsa" },' } do
      assert.truthy(said:find(line, 1, true), line)
    end
    home:does "check"
  end)

  it("writes nothing when it is interrupted, or the answers end", function()
    for keys, how in pairs { ["\3"] = 130, ["\4"] = 1 } do
      local one = home:start({ terminal = true }, "init")
      one:expect("image to boot.-: ", PATIENCE)
      one:send(keys)
      one:expect("nothing is written", PATIENCE)
      assert.same({ "exited", how }, { one:wait(PATIENCE) })
      assert.is_false(is_there "vm.lua")
    end
  end)
end)
