-- What the core promises where memory is short: an answer or an error that can be caught, never
-- a wrong value, nothing left behind, and no end of the process.
local run = require "support.run"
local scratch = require "support.scratch"

-- #preloaded: an allocator in place of the one that ASan has put there
describe("without memory #preloaded", function()
  local folder, shim

  setup(function()
    folder = scratch.new()
    shim = folder .. "/nomem.so"
    assert(os.execute("cc -O2 -shared -fPIC $(pkg-config --cflags lua5.4) -o " .. shim
      .. " spec/support/nomem.c"))
  end)
  teardown(function() scratch.remove(folder) end)

  local function survives(name)
    local said, how, code = run.lua(([[
      local ok, why = xpcall(require "support.nomem_core", debug.traceback, %q, %q)
      if not ok then print(why) os.exit(1) end
    ]]):format(shim, name), { preload = shim })
    assert.same({ "exited", 0 }, { how, code }, said)
  end

  for _, name in ipairs { "decode", "encode", "splitter", "qmp", "spawn", "options", "argv",
      "chan", "kept" } do
    it("there is a clean end to " .. name, function() survives(name) end)
  end
end)
