-- A guest's console says whatever it likes, as fast as it can.
local console = require "lunik.vm.console"
local core = require "lunik.core"
local errno = require "posix.errno"
local loop = require "lunik.async.loop"
local wait = require "lunik.async.wait"

describe("a hostile console", function()
  -- fn(console, the guest's end, loop)
  local function with(fn)
    local l <close> = loop.new()
    l:run(function()
      local ours, guest = core.chan.pair()
      local one = console.new(l, ours)
      local work = l:spawn("console", one.work, one)
      fn(one, guest, l)
      work:cancel()
    end)
  end

  it("is looked through for a pattern that backtracks, in its time, beside others", function()
    with(function(one, guest, l)
      local turns = 0
      local ticker = l:spawn("ticker", function()
        while true do
          turns = turns + 1
          l:pass()
        end
      end)
      wait.send(l, guest, ("a"):rep(16000), 5)
      local began = l.now()
      local ok, why, code = one:expect("a-a-a-a-a-a-b", 1)
      assert.is_nil(ok)
      assert.equal("console: 'a-a-a-a-a-a-b' not seen within 1 seconds", why)
      assert.equal(errno.ETIMEDOUT, code)
      assert.is_true(l.now() - began < 10)
      assert.is_true(turns > 5, turns .. " turns")
      ticker:cancel()
    end)
  end)

  it("is heard whatever the pattern is made of", function()
    for wanted, said in pairs { ["login: "] = "x login: ", ["lo+gin%s*$"] = "loogin  ",
                                ["^a.-z"] = "abcz" } do
      with(function(one, guest, l)
        local heard = l:spawn("heard", function() return one:expect(wanted, 10) end)
        for byte in said:gmatch "." do
          wait.send(l, guest, byte, 5)
          l:pass()
        end
        assert.same({ true, true }, { heard:join() })
      end)
    end
  end)

  it("floods, and the pattern is looked for no longer than told", function()
    with(function(one, guest, l)
      local flood = l:spawn("flood", function()
        while true do wait.send(l, guest, ("x"):rep(65536), 5) end
      end)
      local began = l.now()
      assert.is_nil((one:expect("nev*r", 0.3)))
      assert.is_true(l.now() - began < 10)
      flood:cancel()
    end)
  end)
end)
