-- `lunik explain` as people and programs meet it: its exact text, its JSON, what it says when it
-- cannot.
local core = require "lunik.core"
local run = require "support.run"
local scratch = require "support.scratch"
local stdlib = require "posix.stdlib"

local program = stdlib.realpath((os.getenv "B" or "build") .. "/lunik")

local RECIPE = [[
return machine {
  name = "web", arch = "x86_64", accel = "tcg", cpu = "max",
  memory = "1G",
  serial { kind = "file", file = "out" },
  qemu.device { "virtio-rng-pci",
    id = "rng" },
}
]]

local TEXT = [[
vm.lua:2: machine.arch
    architecture of the guest; default: the host's
  QEMU
lunik itself: nothing of the host's configuration, and nothing that is not asked for
  -no-user-config
      no configuration of the host
  -nodefaults
      no default devices
vm.lua:2: machine.name
  -name web
      name of the guest
        guest=web: name of the guest
machine.type, not in the recipe: its default
  -machine q35
      board and its properties
        type=q35: the board
vm.lua:2: machine.accel
  -accel tcg
      accelerator; several are tried in the order written
vm.lua:2: machine.cpu
  -cpu max
      CPU model and features
machine.cpus, not in the recipe: its default
  -smp 1
      number and topology of CPUs
        cpus=1: CPUs that are there at start
vm.lua:3: machine.memory
  -m 1G
      initial memory
        size=1G: memory at start
machine.display, not in the recipe: its default
  -display none
      where the screen is shown
vm.lua:4: serial { kind = "file" }
    writes to a file
  -chardev file,id=serial0,path=HERE/out
      a character backend, for a device's chardev=
        id=serial0: its name
        path=HERE/out: file to write
  -serial chardev:serial0
      a serial port of the board, one after the other
vm.lua:5: qemu.device
  -device virtio-rng-pci,id=rng
      a device
        driver=virtio-rng-pci: the driver
        id=rng: id of the device (vm.lua:6)
]]

describe("lunik explain", function()
  local dir

  setup(function()
    dir = scratch.new()
    scratch.write(dir .. "/vm.lua", RECIPE)
    scratch.write(dir .. "/other.lua", (RECIPE:gsub("1G", "2G"):gsub('"rng"', '"dice"')))
    scratch.write(dir .. "/bad.lua", "return machine { cpsu = 1 }\n")
  end)
  teardown(function() scratch.remove(dir) end)

  local function lunik(...)
    local errors = dir .. "/errors"
    local file <close> = assert(io.open(errors, "wb"))
    local text, _, status = run.output { argv = { program, "explain", ... }, cwd = dir, path = true,
      env = { "PATH=" .. os.getenv "PATH", "HOME=" .. dir, "XDG_RUNTIME_DIR=" .. dir },
      fds = { [2] = require "posix.stdio".fileno(file) } }
    return status, text, scratch.read(errors)
  end

  local function prints(expected, ...)
    local status, text, errors = lunik(...)
    assert.equal("", errors)
    text = text:gsub("[^ \n]*/qemu%-system%-x86_64", "QEMU"):gsub(dir:gsub("%p", "%%%0"), "HERE")
    assert.equal(expected, text)
    assert.equal(0, status)
  end

  local function says(status, why, ...)
    local code, text, errors = lunik(...)
    assert.same({ status, "", why }, { code, text, errors })
  end

  it("says of every word what it means and what brought it", function() prints(TEXT) end)

  it("--why says it of some, whether they begin with a dash or not", function()
    local DEVICE = TEXT:match "vm.lua:5: qemu.device.*"
    prints(DEVICE, "--why", "-device")
    prints(DEVICE, "--why=device", "vm.lua")
    prints("vm.lua:3: machine.memory\n  -m 1G\n      initial memory\n"
      .. "        size=1G: memory at start\n", "--why", "1G")
    says(1, "lunik explain: no word of the command line is or has '-devcie'; "
      .. "did you mean '-device'?\n", "--why", "-devcie")
  end)

  it("--diff says what another recipe has otherwise", function()
    prints([[
- -m 1G
      vm.lua:3: machine.memory
+ -m 2G
      other.lua:3: machine.memory
- -device virtio-rng-pci,id=rng
      vm.lua:5: qemu.device
+ -device virtio-rng-pci,id=dice
      other.lua:5: qemu.device
]], "--diff", "other.lua")
    prints("no word differs\n", "vm.lua", "--diff", "vm.lua")
    local _, text = lunik("--diff", "other.lua", "--json")
    local found = core.json.decode(text)
    assert.same({ 1, 3, false }, { found.lunik, #found.changes, found.moved })
    assert.same({ "-m", "2G" }, found.changes[1].is.words)
  end)

  it("says it to programs", function()
    local _, text = lunik("--json", "--why", "rng")
    assert.same({ lunik = 1, words = { { option = "device", doc = "a device",
      words = { "-device", "virtio-rng-pci,id=rng" },
      keys = { { key = "id", value = "rng", doc = "id of the device", from = "vm.lua:6" } },
      origin = { sort = "recipe", text = "vm.lua:5: qemu.device",
                 at = { { file = "vm.lua", line = 5 } } } } } }, core.json.decode(text))
    _, text = lunik("--json", "--why", "-display")
    assert.same({ sort = "default", text = "machine.display, not in the recipe: its default",
                  doc = "where the screen is shown: none, gtk, sdl, …", at = {} },
                core.json.decode(text).words[1].origin)
  end)

  it("says what is wrong with a recipe, and with its own options", function()
    says(1, "lunik explain: bad.lua:1: machine.cpsu: no such field; did you mean 'cpu'?\n",
         "bad.lua")
    says(1, "lunik explain: bad.lua:1: machine.cpsu: no such field; did you mean 'cpu'?\n",
         "--diff", "bad.lua")
    says(2, "lunik: option '--why' requires an argument\nusage: see lunik explain --help\n",
         "--why")
    says(2, "lunik: option '--diff' can not be used together with option '--why'\n"
      .. "usage: see lunik explain --help\n", "--why", "a", "--diff", "b")
  end)
end)
