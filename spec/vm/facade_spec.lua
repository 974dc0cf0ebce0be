-- What hooks and programs are given of a running machine: what the rows name, and nothing else.
local codes = require "lunik.codes"
local errno = require "posix.errno"
local facade = require "lunik.vm.facade"
local item = require "lunik.schema.item"
local methods = require "lunik.vm.methods"
local signature = require "lunik.vm.signature"

-- A machine that answers each method with its name and what it was asked.
local function handle(place)
  local target = { name = "m", secret = "inside" }
  local function act(row)
    return function(of, asked)
      assert.equal(target, of)
      return { row = row.name, asked = asked }
    end
  end
  return facade.new(target, place or "attached", act, { memory = 64 })
end

local function asked(fn) return fn(handle()).asked end

local function raised(fn)
  local ok, why = pcall(fn, handle())
  assert.is_false(ok)
  return why
end

describe("the vm", function()
  it("has the members of its rows, and no other", function()
    for _, place in ipairs { "machine", "attached" } do
      local vm = handle(place)
      for _, row in ipairs(methods.at(place)) do assert.is_function(vm[row.name]) end
      for _, name in ipairs { "secret", "monitor", "plan", "hotplug", "loop", "guest" } do
        assert.is_false((pcall(function() return vm[name] end)), name)
      end
      assert.is_nil(next(vm))
      assert.is_false(getmetatable(vm))
    end
    assert.is_false((pcall(function() return handle "machine".close end)))
  end)

  it("names the nearest member for one that it has not, at the caller's line", function()
    local why = raised(function(vm) vm:exce { "true" } end)
    local line = debug.getinfo(1, "l").currentline - 1
    assert.equal(("spec/vm/facade_spec.lua:%d: vm has no 'exce'; did you mean 'exec'?")
      :format(line), why)
  end)

  it("takes no writing", function()
    assert.matches("vm.plan: nothing can be written to the vm", raised(function(vm)
      vm.plan = {}
    end))
    assert.matches("vm.facts is to be read only", raised(function(vm) vm.facts.memory = 1 end))
    local seen = {}
    for name, value in pairs(handle().facts) do seen[name] = value end
    assert.same({ memory = 64 }, seen)
  end)

  it("refuses misuse at the caller's line", function()
    for _, case in ipairs {
      { function(vm) vm:stop("x", "kil") end,
        "vm:stop: Parameter 'rung' does not accept value 'kil'; did you mean 'kill'?" },
      { function(vm) vm:unmount("x", { froce = true }) end,
        "vm:unmount: Parameter 'froce' is unexpected; did you mean 'force'?" },
      { function(vm) vm:unmount() end, "vm:unmount: Parameter 'name' is missing" },
      { function(vm) vm:unmount("x", true) end, "vm:unmount: options: a table expected" },
      { function(vm) vm:unmount("x", {}, 1) end,
        "vm:unmount: 2 arguments at most expected, got 3" },
      { function(vm) vm:slots(1) end, "vm:slots: 0 arguments at most expected, got 1" },
      { function(vm) vm:exec "true" end,
        "vm:exec: a table expected: { \"program\", \"argument\" }" },
      { function(vm) vm:exec { "a", seconds = "2" } end,
        "vm:exec: Invalid parameter type for 'seconds', expected: number from 0 on" },
      { function(vm) vm:on("SHUTDWON", print) end, "vm:on: no hook point 'SHUTDWON'" },
      { function(vm) vm:on("configure", print) end, "vm:on: no hook point 'configure'" },
      { function(vm) vm:add_forward(80) end, "vm:add_forward: a table of fields expected" },
    } do
      local why = raised(case[1])
      assert.equal(case[2], why:gsub("^spec/vm/facade_spec.lua:%d+: ", ""):sub(1, #case[2]))
    end
  end)

  it("reads calls however they are written", function()
    for _, case in ipairs {
      { { name = "a", force = true }, function(vm) return vm:unmount("a", { force = true }) end },
      { { name = "a" }, function(vm) return vm:unmount "a" end },
      { { name = "8080" }, function(vm) return vm:remove_forward(8080) end },
      { { from = "/a", seconds = 3 }, function(vm)
        return vm:mount({ from = "/a" }, { seconds = 3 })
      end },
      { { family = "disk", fields = { file = "x" }, seconds = 3 }, function(vm)
        return vm:plug("disk", { file = "x" }, { seconds = 3 })
      end },
      { { family = "device", fields = { "pvpanic" }, seconds = 3 }, function(vm)
        return vm:plug(item.new("qemu.device", { "pvpanic" }, {}), { seconds = 3 })
      end },
      { {}, function(vm) return vm:mounts() end },
      { {}, function(vm) return vm:mounts(nil) end },
    } do
      assert.same(case[1], asked(case[2]))
    end
    local words = signature.read(methods.find "exec", { "a", "b", nil, seconds = 1 })
    assert.same({ argv = { "a", "b" }, seconds = 1 }, words)
    assert.same({ argv = { "a", "b" } }, signature.read(methods.find "ssh_argv", "a", "b"))
  end)

  it("answers refusals with a code word", function()
    local said = { nil, "why", errno.ETIMEDOUT }
    local function act() return function() return table.unpack(said, 1, 3) end end
    local vm = facade.new({ name = "m" }, "attached", act, {})
    assert.same({ nil, "why", "timeout" }, { vm:slots() })
    for code, word in pairs { DeviceNotFound = "missing", refused = "refused",
                              [errno.EPIPE] = "closed", GenericError = "failed",
                              nonsense = "failed" } do
      said[3] = code
      assert.equal(word, (select(3, vm:slots())))
    end
    said[3] = nil
    assert.equal("failed", (select(3, vm:slots())))
  end)
end)

describe("the rows of the vm's methods", function()
  it("say all that is printed of them", function()
    local words = {}
    for _, row in ipairs(codes.rows) do words[row.name] = true end
    for _, row in ipairs(methods.rows) do
      assert.is_string(row.doc, row.name)
      assert.is_string(row.gives, row.name)
      assert(not row.wire or type(row.returns) == "string", row.name)
      assert(load("local vm, print = ... " .. row.example), row.example)
      assert(row.example:find("vm:" .. row.name, 1, true), row.name)
      assert(row.run or row.only, row.name)
      for _, code in ipairs(row.codes or {}) do assert(words[code], code) end
      for _, argument in ipairs(row.takes) do
        assert(signature.types[argument.type], row.name .. ": " .. argument[1])
        assert.is_string(argument.doc)
      end
    end
  end)
end)
