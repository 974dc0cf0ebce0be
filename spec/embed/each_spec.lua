-- The calls that docs/c.md shows of each function of the C API are a program's, which is compiled,
-- linked and run: spec/support/embed/each.c.
local embed = require "support.embed"
local header = require "support.c_header"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

describe("an example of the C API", function()
  local home, program

  setup(function()
    home = embed.house()
    embed.make "c"
    program = embed.compile(home.dir .. "/each", { "spec/support/embed/each.c" })
  end)
  teardown(function() home:close() end)

  it("is there for each function of the header, and calls it", function()
    local calls, missing = header.calls(), {}
    for _, entry in ipairs(header.entries(scratch.read "src/embed/lunik.h")) do
      local name = header.name(entry)
      if name and not (calls[name] or ""):find(name .. "(", 1, true) then
        missing[#missing + 1] = name
      end
    end
    if #missing > 0 then
      error("spec/support/embed/each.c has no call below a comment /* NAME */ of: "
        .. table.concat(missing, ", "), 0)
    end
  end)

  it("of what needs no machine says what it is meant to", function()
    local text, status = embed.run(home, { program })
    assert.equal(0, status, text)
    assert.matches("^lunik %d+%.%d+%.%d+\n.-qemu%-system.-\n%-name\n.-each\n.-\n256M\n", text)
  end)

  it("of a machine does what it is meant to, with a real guest", function()
    local shared = home.dir .. "/shared"
    stat.mkdir(shared, 448)
    scratch.write(shared .. "/from-the-host", "")
    local recipe = home:small("each", "agent {}, nic {}, hotplug { ports = 4 }")
    local text, status = embed.run(home, { program, recipe, shared }, 180)
    assert.equal(0, status, text)
    for _, expected in ipairs { "\neach runs\n", "\nexit 0: from%-the%-host\n", "\nmounts: %[{",
                                "\nport 80 of the guest is port %d+ here\n", "\nslots: %[",
                                "\nSHUTDOWN: {", "\nexit: {" } do
      assert.matches(expected, text)
    end
    assert.same({}, home:runtime())
  end)

  it("of a machine that is run to its end gives the program's exit code", function()
    local recipe = scratch.write(home.dir .. "/ends.lua", [[return machine { accel = "tcg",
      ready = "qmp", on("ready", function(vm) vm:qmp "quit" end) }]])
    local text, status = embed.run(home, { program, recipe })
    assert.equal(0, status, text)
  end)

  it("of an interrupt has the next call that would wait give up", function()
    local recipe = scratch.write(home.dir .. "/waits.lua", embed.empty:format "waits")
    local text = embed.run({ env = { "INTERRUPT=1", table.unpack(home.env) }, dir = home.dir },
                           { "env", "INTERRUPT=1", program, recipe })
    assert.matches("interrupted", text)
  end)
end)
