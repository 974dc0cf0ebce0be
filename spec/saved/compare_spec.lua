-- Every single change between a saved machine and what would be started for it, and how it is
-- named.
local compare = require "lunik.saved.compare"
local fakehost = require "support.fakehost"
local lunik = require "lunik"
local outline = require "lunik.change.outline"
local shadow = require "lunik.saved.shadow"

local RECIPE = [[
local token = env("TOKEN") or "none"
return machine { name = "dev", cpus = 2, memory = "1G", append = "quiet token=" .. token,
  disk { file = "system.qcow2" },
  nic { forward = { ssh = 22 } },
  mount { from = "src", to = "/work" },
  agent {}, qemu.rtc { base = "utc" },
  qemu.object { "secret", id = "key", data = "hush-hush" },
  on("ready", function(vm) print "hello" end),
}
]]

local function read(text, env)
  local host = fakehost.new { files = { ["/r/vm.lua"] = text },
    env = function(name) return (env or { TOKEN = "sesame-1234" })[name] end }
  local machine, problems = lunik.load("/r/vm.lua", { host = host })
  assert(machine, machine or lunik.text(problems))
  return outline.of(machine, { host = host }), machine.raw.inputs
end

local function shadowed(...) return shadow.outline(read(...)) end

local BASE = { size = 4096, mtime = 1700, nanos = 5, ctime = 1701, inode = 7 }

local function saved()
  local one, inputs = read(RECIPE)
  return { name = "dev", hardware = { qemu = "7.2.22", type = "pc-q35-7.2", accel = "tcg",
             arch = "x86_64", processor = "A processor",
             cpu = { model = "base", properties = { aes = true, level = 13, sgx = false } } },
           recipe = shadow.of(one, inputs, "/r/vm.lua", {}),
           disks = { { id = "system", layers = { { file = "/r/top.qcow2", inside = "disks/top" },
             { file = "/r/system.qcow2", size = BASE.size, mtime = BASE.mtime, nanos = BASE.nanos,
               ctime = BASE.ctime, inode = BASE.inode } } } } }
end

local function now()
  local known = { base = { aes = true, level = true, sgx = true }, host = {} }
  return { outline = shadowed(RECIPE), accel = "tcg", arch = "x86_64", processor = "A processor",
           qemu = { version = "7.2.22", machines = { ["pc-q35-7.2"] = true },
                    cpu = function(model) return known[model] end },
           stamp = function(path) return path == "/r/system.qcow2" and BASE or nil end }
end

local function edited(from, to)
  local at, stop = RECIPE:find(from, 1, true)
  assert(at, from)
  return RECIPE:sub(1, at - 1) .. to .. RECIPE:sub(stop + 1)
end

-- A change { what, of the saved machine and of what is there now, what is said }; told: it is not
-- refused.
local function recipe(what, from, to, said, told)
  return { what, function(_, there) there.outline = shadowed(edited(from, to)) end, said, told }
end

local function base(what, change, said)
  return { what, function(_, there)
    local stamp = setmetatable(change, { __index = BASE })
    there.stamp = function() return not change.gone and stamp or nil end
  end, "disk system: /r/system.qcow2 " .. said }
end

local WAS = " when it was saved, and is "

local CASES = {
  recipe("the memory's size", '"1G"', '"2G"', "memory: was 1G" .. WAS .. "2G now"),
  recipe("the machine's name", '"dev"', '"web"', "name: was dev" .. WAS .. "web now"),
  recipe("the number of CPUs", "cpus = 2", "cpus = 3", "cpus: was 2" .. WAS .. "3 now"),
  recipe("the CPU", "cpus = 2", 'cpus = 2, cpu = "qemu64"', "cpu: was host" .. WAS .. "qemu64 now"),
  recipe("the board", "cpus = 2", 'cpus = 2, type = "pc"', "type: was q35" .. WAS .. "pc now"),
  recipe("an added device", "agent {}", 'agent {}, disk { file = "b.raw" }',
    "disk b is in the recipe now (/r/vm.lua:6), and was not there when it was saved"),
  recipe("a device that is gone", "nic { forward = { ssh = 22 } },", "",
    "nic net0 was there when it was saved, and is not in the recipe any more"),
  recipe("another file of a disk", "system.qcow2", "other.qcow2",
    "disk other is in the recipe now (/r/vm.lua:3), and was not there when it was saved"),
  recipe("another directory of a mount", '"src"', '"elsewhere"',
    "mount work: from was /r/src" .. WAS .. "/r/elsewhere now"),
  recipe("an option of QEMU's", '"utc"', '"localtime"', 'qemu.rtc: was {["base"]="utc"}' .. WAS
    .. '{["base"]="localtime"} now'),
  recipe("a hook that does something else", "hello", "bye",
    "hook ready: does something else than when it was saved", true),
  recipe("another forward", "ssh = 22", "web = 80",
    "nic net0: forward was ssh", true),
  recipe("how long it may take to be ready", "cpus = 2", "cpus = 2, ready_within = 7",
    "ready_within: was", true),
  { "a recipe that is gone", function(_, there)
      there.outline, there.wrong = nil, "no such file"
    end, "its recipe /r/vm.lua: no such file" },
  { "a recipe that is gone, and was named", function(_, there)
      there.outline, there.wrong, there.recipe, there.gone = nil, "is not there", "/s/vm.lua", true
    end, "the recipe /s/vm.lua: is not there" },
  { "another QEMU", function(_, there) there.qemu.version = "10.0.2" end,
    "it was saved by QEMU 7.2.22, and QEMU 10.0.2 restores it", true },
  { "a machine version that is not there", function(_, there) there.qemu.machines = {} end,
    "QEMU 7.2.22 has no machine pc-q35-7.2, which it was saved as" },
  { "a CPU that is not there", function(_, there) there.qemu.cpu = function() end end,
    "QEMU 7.2.22 has no CPU 'base', which it was saved with" },
  { "a property of the CPU that is not there",
    function(one) one.hardware.cpu.properties.lbr = true end,
    "the CPU of QEMU 7.2.22 has no 'lbr', which it was saved with" },
  { "a host's own CPU on another", function(one, there)
      one.hardware.cpu, there.processor = { model = "host" }, "B processor"
    end, "its CPU is the host's own, which was A processor, and is B processor here" },
  { "another accelerator", function(_, there) there.accel = "kvm" end,
    "it was saved under tcg, and would be restored under kvm" },
  { "no QEMU at all", function(_, there) there.qemu, there.no_qemu = nil, "not in PATH" end,
    "its QEMU is not here: not in PATH" },
  base("a missing base", { gone = true }, "is missing"),
  base("a grown base", { size = 8192 }, "has grown since: it was 4K (4096 bytes), and is 8K "
    .. "(8192 bytes)"),
  base("a shrunk base", { size = 1024 }, "has shrunk since: it was 4K (4096 bytes), and is 1K "
    .. "(1024 bytes)"),
  base("a replaced base", { inode = 8 }, "was replaced by another file of the same size"),
  base("a base that was written to", { mtime = 1800 }, "was written to since"),
  base("a base that was written to within the second", { nanos = 6 }, "was written to since"),
  base("a base that hides that it was written to", { ctime = 1800 },
    "was changed since, though it says that it was not written to"),
}

describe("a saved machine and what would be started for it", function()
  it("are the same where nothing has changed", function()
    assert.same({}, compare(saved(), now()))
  end)

  for _, case in ipairs(CASES) do
    it((case[4] and "is told of " or "is refused for ") .. case[1], function()
      local one, there = saved(), now()
      case[2](one, there)
      local list = compare(one, there)
      assert.is_true(#list >= 1)
      for _, each in ipairs(list) do assert.equal(case[4], each.told) end
      assert.equal(case[3], list[1].why:sub(1, #case[3]))
      if not case[4] then assert.equal(case[3], list[1].why) end
    end)
  end

  it("does not mind what is off and not known", function()
    local one = saved()
    one.hardware.cpu.properties.removed = false
    assert.same({}, compare(one, now()))
  end)
end)

describe("what is kept of a recipe", function()
  local function kept(text, env)
    local one, inputs = read(text or RECIPE, env)
    return require "lunik.saved.record".encode { recipe = shadow.of(one, inputs, "/r/vm.lua",
      { append = "sesame-1234" }) }
  end

  it("has the names of variables, and not their values", function()
    local text = kept()
    assert.is_nil(text:find("sesame", 1, true))
    assert.truthy(text:find("token=[env TOKEN]", 1, true))
  end)

  it("has no secret of an option", function()
    assert.is_nil(kept():find("hush", 1, true))
  end)

  it("has no secret of a device, and no password in it", function()
    local text = kept [[
      return machine { name = "dev", disk { file = "a.qcow2" }, nic {}, ssh {},
        cloud_init { password = "open, sesame", hostname = "h" } }
    ]]
    assert.is_nil(text:find("open, sesame", 1, true))
    assert.truthy(text:find("hostname", 1, true))
  end)

  it("is the same whatever a variable is, as long as it is only part of a text", function()
    assert.same(shadowed(RECIPE), shadowed(RECIPE, { TOKEN = "another-one" }))
  end)
end)
