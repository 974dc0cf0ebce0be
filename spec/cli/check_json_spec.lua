-- What `lunik check` prints for programs holds against its schema, docs/check.schema.json.
local core = require "lunik.core"
local json_schema = require "support.json_schema"
local codes = require "lunik.verify.codes"
local fcntl = require "posix.fcntl"
local host = require "lunik.host"
local run = require "support.run"
local scratch = require "support.scratch"
local stdlib = require "posix.stdlib"
local unistd = require "posix.unistd"

local program = stdlib.realpath((os.getenv "B" or "build") .. "/lunik")
local schema = assert(core.json.decode(scratch.read "docs/check.schema.json"))
local wrong = stdlib.realpath "spec/bad"
local EVERY = 9            -- of the wrong recipes, to take seconds

local dir
before_each(function() dir = scratch.new() end)
after_each(function() scratch.remove(dir) end)

local function lunik(argv, input)
  local given = fcntl.open(scratch.write(dir .. "/input", input or ""), fcntl.O_RDONLY)
  local child, out = run.start { argv = { program, table.unpack(argv) }, cwd = dir, path = true,
    env = { "PATH=" .. os.getenv "PATH", "HOME=" .. host.home, "XDG_RUNTIME_DIR=" .. dir },
    fds = { [0] = given } }
  unistd.close(given)
  local text = run.drain(out)
  child:wait(60)
  return text
end

local function holds(text, part)
  local value = assert(core.json.decode(text), text)
  assert.same({}, json_schema.problems(schema, value, part), text)
  assert.same({}, json_schema.problems(schema, value), text)
  for _, problem in ipairs(value.problems) do assert(codes[problem.code], problem.code) end
  return value
end

describe("the JSON of lunik check", function()
  it("holds for recipes that are wrong, each problem with a code that is explained", function()
    local count = 0
    for i, name in ipairs(scratch.list(wrong)) do
      if name:find "%.lua$" and i % EVERY < 2 then
        local value = holds(lunik { "check", "--json", wrong .. "/" .. name }, "recipe")
        if not value.ok then count = count + 1 end
      end
    end
    assert.is_true(count > 20, count)
  end)

  it("holds for a recipe that is right, and has been tried", function()
    scratch.write(dir .. "/vm.lua", "return machine { accel = 'tcg', memory = '64M', nic {} }")
    local value = holds(lunik { "check", "--json", "--start" }, "recipe")
    assert.same({ true, true }, { value.ok, value.started })
  end)

  it("holds for command lines and for a batch", function()
    holds(lunik { "check", "--json", "--", "qemu-system-x86_64", "-m", "4", "-rtc", "bas=utc" },
      "line")
    holds(lunik { "check", "--json", "--", "qemu-system-x86_64" }, "line")
    local asked = { '{"id":1,"argv":["qemu-system-x86_64","-netdv","x","-m","4"]}',
      '{"id":{"a":[1]},"argv":["qemu-system-x86_64","-device","e1000,netdev=n"]}',
      '{"argv":[],"qmp":[{"execute":"quid"}]}' }
    for line in lunik({ "check", "--batch" }, table.concat(asked, "\n")):gmatch "[^\n]+" do
      holds(line, "answer")
    end
    holds(lunik({ "check", "--batch" }, "nonsense"), "unread")
  end)

  it("says where a problem is, what it is, and what was meant", function()
    scratch.write(dir .. "/vm.lua", "return machine { accel = 'tcg',\n  cpus = 0, memoy = '1G',\n"
      .. "  disk {}, qemu.device { 'virtio-rng-pci', perod = 1 },\n  boot = 1 }")
    local value = holds(lunik { "check", "--json" }, "recipe")
    local said = {}
    for i, one in ipairs(value.problems) do
      said[i] = { one.code, one.line, one.column, one.field, one.suggestion }
      assert.equal(("vm.lua:%d: %s: %s"):format(one.line, one.field, one.why), one.message)
    end
    assert.same({
      { "bad-value", 2, 3, "machine.cpus" },
      { "unknown-field", 2, 13, "machine.memoy", "memory" },
      { "missing-field", 3, nil, "disk.file" },
      { "unknown-field", 4, 3, "machine.boot" } }, said)
    scratch.write(dir .. "/vm.lua", "return machine { accel = 'tcg',\n"
      .. "  qemu.device { 'virtio-rng-pci', perod = 1 } }")
    local one = holds(lunik { "check", "--json" }, "recipe").problems[1]
    assert.same({ "unknown-property", 2, 35, "qemu.device.perod", "period" },
      { one.code, one.line, one.column, one.field, one.suggestion })
  end)

  it("is held against something: what is else does not hold", function()
    local right = [=[{"lunik":1,"ok":false,"problems":[{"code":"recipe","severity":"error",
      "message":"m","why":"w","host":false,"line":3}]}]=]
    assert.same({}, json_schema.problems(schema, core.json.decode(right)))
    for from, to in pairs { ['"lunik":1'] = '"lunik":2', ['"ok":false,'] = "", ['"line":3'] =
      '"line":0', ['"error"'] = '"fatal"', ['"recipe"'] = '"Recipe"', ['"host":false'] =
      '"host":false,"odd":1', ['"why":"w",'] = "", ['"message":"m"'] = '"message":5' } do
      local text = right:gsub(from, to)
      assert.not_equal(right, text)
      assert.not_same({}, json_schema.problems(schema, core.json.decode(text)), text)
      assert.not_same({}, json_schema.problems(schema, core.json.decode(text), "recipe"), text)
    end
  end)
end)
