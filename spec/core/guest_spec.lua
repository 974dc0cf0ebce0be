-- Programs that guests run: of the right architecture, without libc, and telling what is wrong.
local core = require "lunik.core"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local run = require "support.run"

describe("a program that guests run", function()
  -- e_machine of ELF
  for architecture, machine in pairs { x86_64 = 62, aarch64 = 183 } do
    it("is small, and one of " .. architecture .. " that needs no other file", function()
      local program = assert(core.guest.reseed(architecture))
      assert.is_true(#program < 4096, #program)
      assert.equal("\127ELF\2\1\1", program:sub(1, 7))
      local kind, found, _, _, headers = ("<I2I2I4I8I8"):unpack(program, 17)
      assert.same({ 2, machine }, { kind, found })
      local size, count = ("<I2I2"):unpack(program, 55)
      for i = 0, count - 1 do
        local what = ("<I4"):unpack(program, headers + i * size + 1)
        assert.not_equal(2, what, "dynamic")
        assert.not_equal(3, what, "interpreter")
      end
    end)
  end

  it("is none of an architecture that it was not built for", function()
    assert.is_nil(core.guest.reseed "pdp11")
    assert.has_error(function() core.guest.reseed() end)
  end)

  it("takes no seed that is too short", function()
    local dir = scratch.new()
    local path = scratch.write(dir .. "/reseed", core.guest.reseed "x86_64")
    stat.chmod(path, 448)
    local out, how, status = run.output { path = true, argv = { "sh", "-c",
      'printf %031d 0 | "$1" 2>&1', "sh", path } }
    scratch.remove(dir)
    assert.same({ "seed: error 61\n", "exited", 1 }, { out, how, status })
  end)
end)
