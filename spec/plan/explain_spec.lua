-- Every word of a command line knows what brought it: plan.origin, plan.explain.
local explain = require "lunik.plan.explain"
local fakehost = require "support.fakehost"
local goldens = require "support.goldens"
local lunik = require "lunik"
local origin = require "lunik.plan.origin"

local RECIPE = [[
local function net(id)
  return nic { id = id, forward = { ssh = 22 } }
end
return machine {
  name = "web", cpus = 2,
  memory = "1G",
  net "n0",
  mount { from = "share", to = "/work" },
  qemu.device {
    "virtio-rng-pci",
    id = "rng",
  },
  raw { "-msg", "timestamp=on" },
  qemu.cpu { "max", "+aes" },
  hotplug { memory = "4G", cpus = 4, ports = 1 },
  disk { file = "a.raw", bus = "scsi" },
  on("plan", function(plan)
    plan:add(qemu.device { "virtio-balloon-pci", id = "b" })
  end),
  on("configure", function(raw) raw.cpus = 3 end),
  gdb = true,
}
]]

local function planned(text, options)
  local host = fakehost.new()
  function host.contents() return text end
  local plan, problems = lunik.plan("vm.lua", { host = host, dir = "/home/dev/vm", anyway = true,
                                                set = options and options.set })
  return assert(plan, plan or lunik.text(problems))
end

local function explained(text, options) return assert(explain.of(planned(text, options), true)) end

-- The origins of what has the words in it, each once.
local function origins(list, words)
  local texts, seen = {}, {}
  for _, one in ipairs(list) do
    local text = origin.text(one.origin)
    if table.concat(one.words, " "):find(words, 1, true) and not seen[text] then
      texts[#texts + 1], seen[text] = text, true
    end
  end
  return texts
end

describe("the origin of a word", function()
  local list
  setup(function() list = explained(RECIPE) end)

  local function comes(words, ...) assert.same({ ... }, origins(list, words)) end

  it("is the recipe's line, with those of the functions around it", function()
    comes("-name web", "vm.lua:5: machine.name")
    comes("-netdev", 'vm.lua:2, called from vm.lua:7: nic { kind = "user" }')
    comes("virtio-rng-pci", "vm.lua:9: qemu.device")
    comes("timestamp=on", "vm.lua:13: raw")
  end)

  it("is a default, and why it is that", function()
    comes("-display", "machine.display, not in the recipe: its default")
    comes("-accel", "machine.accel, not in the recipe: its default: kvm")
    comes("-serial", 'console { kind = "serial" }, not in the recipe: every machine has one')
    comes("-cpu", "machine.cpu, not in the recipe: its default, and what stands at vm.lua:14")
    comes("/usr/bin/qemu-system-x86_64", "machine.arch, not in the recipe: its default")
  end)

  it("is a need, and all who have it", function()
    comes("memory-backend-memfd", 'vm.lua:8: mount { kind = "virtiofs" }, vm.lua:15: hotplug need '
      .. "memory that its daemon can map")
    comes("virtio-scsi-pci", "vm.lua:16: disk needs a SCSI controller")
    comes("id=boot0", 'vm.lua:8: mount { kind = "virtiofs" } needs a port to sit in')
    comes("id=hotplug0", "vm.lua:15: hotplug needs ports for what comes later")
    comes("-smbios", 'vm.lua:8: mount { kind = "virtiofs" } needs a guest with systemd to be told '
      .. "where it mounts them")
  end)

  it("is a hook", function()
    comes("virtio-balloon-pci", "vm.lua:18: qemu.device, added by a hook of plan")
    comes("-smp", "vm.lua:20: machine.cpus, set by a hook of configure")
  end)

  it("is another field than the one that stands for it", function()
    comes("-S", "vm.lua:21: machine.gdb")
    comes("id=lunik-gdb", "vm.lua:21: machine.gdb")
  end)

  it("is lunik itself", function()
    comes("id=lunik-monitor", "lunik itself: it speaks to QEMU here")
    comes("-sandbox", "machine.sandbox, not in the recipe: its default")
  end)

  it("is --set", function()
    local set = explained(RECIPE, { set = { memory = "2G" } })
    assert.same({ "--set memory=2G: machine.memory" }, origins(set, "-m "))
  end)

  it("is told of single keys where it is another", function()
    local found = assert(explain.find(list, "maxmem"))
    assert.equal("vm.lua:6: machine.memory", origin.text(found[1].origin))
    assert.same({ { key = "maxmem", value = "4G", from = "vm.lua:15: hotplug needs room for more "
      .. "memory", doc = "all the memory there can be" } }, found[1].keys)
    assert.equal("vm.lua:11", explain.find(list, "id=rng")[1].keys[1].from)
  end)

  it("is there for every word of every golden", function()
    for _, stem in ipairs(goldens.names("spec/golden", "argv")) do
      local plan, words = goldens.planned(stem), {}
      for _, one in ipairs(assert(explain.of(plan, true))) do
        assert(#origin.text(one.origin) > 0, stem)
        assert(one.doc or not one.option, one.option)
        table.move(one.words, 1, #one.words, #words + 1, words)
      end
      assert.same(plan:command("paste", true), words, stem)
    end
  end)
end)

describe("a word", function()
  local list
  setup(function() list = explained(RECIPE) end)

  local function first_words(found)
    local words = {}
    for i, one in ipairs(found) do words[i] = table.concat(one.words, " ") end
    return words
  end

  it("is found by its option, a key, a value, or a part", function()
    assert.same({ "-m 1G,maxmem=4G,slots=16" }, first_words(explain.find(list, "-m")))
    assert.same(first_words(explain.find(list, "-m")), first_words(explain.find(list, "m")))
    assert.same({ "-netdev user,id=n0,hostfwd=tcp:127.0.0.1:0-:22" },
                first_words(explain.find(list, "tcp:127")))
    assert.same({ "-device virtio-rng-pci,id=rng" }, first_words(explain.find(list, "rng")))
  end)

  it("that is not there is told with the nearest that is", function()
    local function why(text) return select(2, explain.find(list, text)) end
    assert.equal("no word of the command line is or has 'virtio-rng-pic'; did you mean "
      .. "'virtio-rng-pci'?", why "virtio-rng-pic")
    assert.equal("no word of the command line is or has '-netdve'; did you mean '-netdev'?",
                 why "-netdve")
    assert.equal("no word of the command line is or has 'something else'", why "something else")
  end)
end)

describe("the difference of two command lines", function()
  local function difference(change)
    return explain.difference(explained(RECIPE), explained((RECIPE:gsub(table.unpack(change)))))
  end

  it("pairs what has changed", function()
    local changes = difference { 'kind = "scsi"', "" }
    assert.same({}, changes)
    changes = difference { '"rng"', '"rng", max_bytes = 5, period = 7' }
    assert.equal(1, #changes)
    assert.same({ "-device", "virtio-rng-pci,id=rng" }, changes[1].was.words)
    assert.same({ "-device", "virtio-rng-pci,id=rng,max-bytes=5,period=7" }, changes[1].is.words)
  end)

  it("has what came and what went, and says when only the order is another", function()
    local changes = difference { 'raw { "%-msg", "timestamp=on" },', "" }
    assert.equal(2, #changes)
    assert.same({ "-msg" }, changes[1].was.words)
    assert.is_nil(changes[1].is)
    changes = difference { "cpus = 2,", 'append = "x", kernel = "vmlinux",' }
    assert.same({ "-kernel", "/home/dev/vm/vmlinux" }, changes[1].is.words)
    local same, moved = difference { '"%-msg", "timestamp=on"', '"timestamp=on", "-msg"' }
    assert.same({ {}, true }, { same, moved })
  end)
end)
