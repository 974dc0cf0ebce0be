-- What every handle of the core does alike: a descriptor while it is open, nothing after.
local core = require "lunik.core"
local unistd = require "posix.unistd"
local scratch = require "support.scratch"

describe("a handle", function()
  local folder
  setup(function() folder = scratch.new() end)
  teardown(function() scratch.remove(folder) end)

  local open = {
    chan = function() return core.chan.pair() end,
    lock = function() return core.lock.take(folder .. "/lock") end,
    proc = function()
      local child = assert(core.proc.spawn { argv = { "true" }, path = true })
      assert(child:wait(60))
      return child
    end,
    qmp = function() return core.qmp.open((core.chan.pair())) end,
    signals = function() return core.signals.open { 10 } end,
    watch = function() return core.watch.open() end,
  }

  for name, make in pairs(open) do
    it("is a " .. name .. ", and closed twice it is closed", function()
      local handle = assert(make())
      assert.is_true(handle:fd() > 2)
      assert.is_true(handle:close())
      assert.is_true(handle:close())
      local ok, why = pcall(function() return handle:fd() end)
      assert.is_false(ok)
      assert.matches(("calling 'fd' on bad self (closed %s)"):format(name), why, 1, true)
    end)

    it("is a " .. name .. ", and no other", function()
      local handle <close> = assert(make())
      local ok, why = pcall(handle.fd, io.stdout)
      assert.is_false(ok)
      assert.matches(("lunik.%s expected, got FILE*"):format(name), why, 1, true)
      assert.has_error(function() handle.close {} end)
    end)

    it("is a " .. name .. ", which the collector closes", function()
      local before = unistd.dup(2)
      unistd.close(before)
      for _ = 1, 3 do
        assert(make())
        collectgarbage()
        collectgarbage()
      end
      local after = unistd.dup(2)
      unistd.close(after)
      assert.equal(before, after)
    end)
  end
end)
