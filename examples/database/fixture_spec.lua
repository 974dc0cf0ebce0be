-- Tests against a database in a machine of its own: started once, thrown away with all that the
-- tests wrote. `busted examples/database/fixture_spec.lua`, where lunik is installed.
local lunik = require "lunik"

describe("the database", function()
  local vm

  setup(function()
    local problems
    vm, problems = lunik.up((os.getenv "RECIPE" or "examples/database/vm.lua"))
    assert(vm, problems and lunik.text(problems))
  end)
  teardown(function()
    if vm then vm:stop() vm:wait() end
  end)

  it("has the schema", function()
    local status, text = vm:exec { "cat", "/db/schema" }
    assert.same({ 0, "1\n" }, { status, text })
  end)

  it("is reached from here", function()
    assert.is_number(vm:forward "db")
  end)
end)
