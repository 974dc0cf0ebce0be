-- `lunik screenshot` of a machine whose QEMU is too old for PNG.
local core = require "lunik.core"
local house = require "support.house"
local program = require "support.program"
local run = require "support.run"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local PATIENCE = 90

describe("lunik screenshot", function()
  it("says which QEMU takes a picture as PNG, and what this one does", function()
    local home = house.new()
    local dir = home.dir .. "/run/lunik/old"
    stat.mkdir(home.dir .. "/run/lunik", 448)
    stat.mkdir(dir, 448)
    local reader, writer = unistd.pipe()
    local acts = { { "greet" }, { "serve", "screendump" },
      -- qapi/qobject-input-visitor.c of QEMU 6.2, which knows no `format` there
      { "error", "GenericError", "Parameter 'format' is unexpected" }, { "serve" } }
    local server = program.start({ run.interpreter, "-e", ("package.path = %q package.cpath = %q")
      :format(package.path, package.cpath), "spec/support/served.lua", dir,
      core.json.encode(core.json.array(acts)) },
      { env = { "PATH=" .. os.getenv "PATH" }, input = reader })
    unistd.close(reader)
    server:expect("ready\n", PATIENCE)
    assert.same({ 1, "", "lunik screenshot: this QEMU takes no picture as PNG (7.1 is the first): "
                  .. "name a file that ends in .ppm\n" },
                { home:lunik("screenshot", "old", "x.png") })
    home:does("screenshot", "old", "x.PPM")
    unistd.close(writer)
    server:wait(PATIENCE)
    server:close()
    home:close()
  end)
end)
