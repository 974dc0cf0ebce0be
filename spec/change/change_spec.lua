-- Edits of a recipe, a field each, and what each comes to for the machine that runs: what is done
-- at once ("hot"), what waits for a restart, and what is refused.
local change = require "lunik.change"
local digest = require "lunik.change.digest"
local fakehost = require "support.fakehost"
local lunik = require "lunik"
local outline = require "lunik.change.outline"
local shown = require "lunik.change.shown"

local RECIPE = [[
return machine { name = "dev", cpus = 2, memory = "1G", append = "quiet",
  hotplug { ports = 4, memory = "4G", cpus = 4, scsi = true },
  disk { file = "system.qcow2" },
  nic { forward = { ssh = 22, ["8080"] = 80 } },
  mount { from = "src", to = "/work" },
  mount { from = "doc", to = "/doc", tag = "doc" },
  agent {}, qemu.rtc { base = "utc" },
  qemu.device { "virtio-rng-pci", id = "rng" },
  on("ready", function(vm) print "hello" end),
}
]]

-- What runs when the recipe has been started; `extra` is what was plugged since.
local function state(extra)
  local self = { devices = { ["mount work"] = {}, ["mount doc"] = {} }, network = "net0", cpus = 2,
                 ready = true }
  function self.late(need) return need == "usb" and "the machine has no USB controller" or nil end
  for name, value in pairs(extra or {}) do
    if value == false then self.devices[name] = nil else self.devices[name] = value end
  end
  return self
end

local function read(text)
  local host = fakehost.new { files = { ["/r/vm.lua"] = text } }
  local machine, problems = lunik.load("/r/vm.lua", { host = host })
  assert(machine, machine or lunik.text(problems))
  return outline.of(machine, { host = host })
end

local function edited(from, to)
  local at, stop = RECIPE:find(from, 1, true)
  assert(at, from)
  return RECIPE:sub(1, at - 1) .. to .. RECIPE:sub(stop + 1)
end

local function differences(before, after, extra)
  local lines = {}
  for i, each in ipairs((change.between(before, after, state(extra)))) do
    assert.equal(each.fate == "hot", each.step ~= nil)
    lines[i] = ("%s %s"):format(each.fate, shown.line(each))
  end
  return lines
end

local LINE = "  agent {}, qemu.rtc"

local function more(item) return { LINE, "  " .. item .. ",\n" .. LINE } end

local START = " (is read when the machine starts)"
local THERE = " (is there since the start, where nothing can be unplugged)"
local BEEN = " (has been called: the machine was ready)"
local OPTION = " (is an option of QEMU's command line)"
local NINEP = " (a 9p mount cannot come while the machine runs: QEMU takes its directory at the "
  .. "start only; kind = \"virtiofs\" can)"
local NOT_HOT = " (cannot come while the machine runs)"

-- { what is written, what is written in its place, the changes that it comes to … }
local EDITS = {
  -- the machine's own fields
  { 'name = "dev"', 'name = "other"',
    "refused ~ name: dev -> other (it would be another machine)" },
  { "cpus = 2,", "cpus = 3,", "hot ~ cpus: 2 -> 3" },
  { "cpus = 2,", "cpus = 1,",
    "restart ~ cpus: 2 -> 1 (the CPUs of its start stay until it restarts)" },
  { "cpus = 2,", "cpus = { cores = 2 },", "restart ~ cpus: 2 -> 2" .. START },
  { 'memory = "1G"', 'memory = "2G"', "hot ~ memory: 1G -> 2G" },
  { 'memory = "1G"', 'memory = "1100M"', "restart ~ memory: 1G -> 1100M (memory comes in multiples "
    .. "of 128M, and 76M is wanted)" },
  { 'memory = "1G"', 'memory = "512M"',
    "restart ~ memory: 1G -> 512M (the memory of its start stays until it restarts)" },
  { '"quiet"', '"debug"', "restart ~ append: quiet -> debug" .. START },
  { 'append = "quiet"', 'append = "quiet", cpu = "max"', "restart ~ cpu: host -> max" .. START },
  { 'append = "quiet"', 'append = "quiet", ready = "qmp"',
    'restart ~ ready: {["kind"]="agent"} -> {["kind"]="qmp"}' .. START },
  { 'append = "quiet"', 'append = "quiet", display = "none"' },
  { 'append = "quiet"', 'append = "quiet", uuid = "11111111-2222-3333-4444-555555555555"',
    "restart ~ uuid: none -> 11111111-2222-3333-4444-555555555555" .. START },
  -- room for what comes later
  { "ports = 4", "ports = 8", "restart ~ hotplug: ports: 4 -> 8" .. START },
  { 'memory = "4G"', 'memory = "8G"', "restart ~ hotplug: memory: 4G -> 8G" .. START },
  { "scsi = true", "scsi = true, mount = function() return true end",
    "hot ~ hotplug: mount: none -> a policy" },
  { "ports = 4", "ports = 8, any = function() return true end",
    "hot ~ hotplug: any: none -> a policy", "restart ~ hotplug: ports: 4 -> 8" .. START },
  -- disks
  { unpack = true, "disk", 'disk { file = "data.qcow2" }', "hot + disk data: file: /r/data.qcow2" },
  { unpack = true, "disk", 'disk { file = "data.qcow2", bus = "scsi" }',
    "hot + disk data: file: /r/data.qcow2, bus: scsi" },
  { unpack = true, "disk", 'disk { file = "data.qcow2", bus = "usb" }',
    "restart + disk data: file: /r/data.qcow2, bus: usb (the machine has no USB controller)" },
  { unpack = true, "disk", 'disk { file = "data.qcow2", bus = "sata" }', "restart + disk data: "
    .. "file: /r/data.qcow2, bus: sata (a sata disk cannot come while the machine runs; virtio, "
    .. "scsi, nvme, usb can)" },
  { '  disk { file = "system.qcow2" },\n', "", "restart - disk system" .. THERE },
  { '"system.qcow2"', '"system.qcow2", readonly = true',
    "restart ~ disk system: readonly: false -> true" .. THERE },
  { '"system.qcow2"', '"system.qcow2", id = "root"',
    "restart ~ disk system: id: system -> root" .. THERE },
  { '"system.qcow2"', '"system.qcow2", serial = "S1"',
    "restart ~ disk system: serial: none -> S1" .. THERE },
  -- cards and forwards
  { unpack = true, "nic", 'nic { id = "lan" }', "hot + nic lan: id: lan" },
  { "  nic { forward = { ssh = 22, [\"8080\"] = 80 } },\n", "", "restart - nic net0" .. THERE },
  { "ssh = 22", "ssh = 22, web = 443", "hot + forward web: tcp:127.0.0.1:(chosen)->443" },
  { "ssh = 22", "ssh = 2222", "hot - forward ssh: tcp:127.0.0.1:(chosen)->22",
    "hot + forward ssh: tcp:127.0.0.1:(chosen)->2222" },
  { ', ["8080"] = 80', "", "hot - forward 8080: tcp:127.0.0.1:8080->80" },
  { "nic { forward = { ssh = 22,", "nic { isolated = true, forward = { ssh = 23,",
    "hot - forward ssh: tcp:127.0.0.1:(chosen)->22",
    "hot + forward ssh: tcp:127.0.0.1:(chosen)->23",
    "restart ~ nic net0: isolated: false -> true" .. THERE },
  { "nic { forward", "nic { isolated = true, forward",
    "restart ~ nic net0: isolated: false -> true" .. THERE },
  { "nic { forward", 'nic { model = "e1000", forward',
    "restart ~ nic net0: model: virtio-net-pci -> e1000" .. THERE },
  -- mounts
  { unpack = true, "mount", 'mount { from = "lib", to = "/lib2" }',
    "hot + mount lib2: from: /r/lib, to: /lib2" },
  { unpack = true, "mount", 'mount { kind = "9p", from = "lib", tag = "l" }',
    "restart + mount l: from: /r/lib, tag: l, kind: 9p" .. NINEP },
  { '  mount { from = "doc", to = "/doc", tag = "doc" },\n', "", "hot - mount doc" },
  { 'from = "src"', 'from = "src2"', "hot ~ mount work: from: /r/src -> /r/src2" },
  { 'to = "/work"', 'to = "/elsewhere", tag = "work"',
    "hot ~ mount work: to: /work -> /elsewhere" },
  { 'to = "/work"', 'to = "/work", readonly = true', "hot ~ mount work: readonly: false -> true" },
  { 'to = "/work"', 'to = "/work", tag = "w"', "hot ~ mount work: tag: work -> w" },
  { 'to = "/work"', 'to = "/work", kind = "9p"',
    "restart ~ mount work: security: none -> mapped-xattr, kind: virtiofs -> 9p" .. NINEP },
  { 'to = "/work"', 'to = "/work", on_death = "stop"',
    "hot ~ mount work: on_death: report -> stop" },
  -- other devices
  { unpack = true, "usb", 'usb { id = "tablet" }',
    "restart + usb tablet: id: tablet (the machine has no USB controller)" },
  { unpack = true, "memory", 'memory { size = "1G" }', "hot + memory mem-1: size: 1G" },
  { "agent {}", "ssh { user = \"root\" }, agent {}",
    'restart + ssh: user: root (cannot come while the machine runs)' },
  { "  agent {}, qemu", "  qemu", "restart - agent" .. NOT_HOT },
  -- QEMU's own
  { 'base = "utc"', 'base = "localtime"', 'restart ~ qemu.rtc: {["base"]="utc"} -> '
    .. '{["base"]="localtime"}' .. OPTION },
  { '  qemu.device { "virtio-rng-pci", id = "rng" },\n', "",
    "restart - qemu.device rng" .. OPTION },
  { unpack = true, "raw", 'raw { "-snapshot" }', 'restart + raw: {[1]="-snapshot"}' .. OPTION },
  -- hooks
  { '"hello"', '"goodbye"', "restart ~ hook ready" .. BEEN },
  { "  on(", '  on("stop", function() end),\n  on(', "hot + hook stop" },
  { '  on("ready", function(vm) print "hello" end),\n', "", "restart - hook ready" .. BEEN },
  { "  on(", '  every("1s", function() end), watch("src", function() end),\n  on(',
    "hot + hook every", "hot + hook watch" },
  { "  on(", '  on("started", function() end), on("SHUTDOWN", function() end),\n  on(',
    "restart + hook started (is called when the machine starts)", "hot + hook SHUTDOWN" },
  { "  on(", '  on("plan", function() end), on("configure", function() end),\n  on(',
    "restart + hook plan (is called when the machine starts)", "hot + hook configure" },
  -- what changes nothing
  { "return machine", "-- a remark\n\nreturn machine" },
  { '"1G"', '"1024M"' },
}

describe("an edit of a recipe", function()
  local before = read(RECIPE)

  for i, edit in ipairs(EDITS) do
    local from, to = edit[1], edit[2]
    if edit.unpack then from, to = table.unpack(more(edit[2])) end
    it(("is told for what it is: %d, %s"):format(i, edit[2] ~= "" and edit[2] or edit[1]),
       function()
      local after = read(edited(from, to))
      assert.same({ table.unpack(edit, 3) }, differences(before, after))
    end)
  end

  it("is as large as the whole where everything differs", function()
    local after = read 'return machine { name = "dev", cpus = 2, memory = "1G" }'
    local lines = table.concat(differences(before, after), "\n")
    for _, what in ipairs { "append", "hotplug", "disk system", "nic net0", "mount work",
                            "mount doc", "agent", "qemu.rtc", "qemu.device rng", "hook ready" } do
      assert.matches(what, lines, 1, true)
    end
  end)
end)

describe("a machine that is no more what it was at its start", function()
  local before = read(RECIPE)

  it("gets again what somebody has taken away by hand", function()
    assert.same({ "hot + mount doc: from: /r/doc, to: /doc, tag: doc" },
                differences(before, before, { ["mount doc"] = false }))
  end)

  it("keeps what somebody has plugged by hand", function()
    assert.same({}, differences(before, before, { ["mount extra"] = { share = {} } }))
  end)

  it("has what the recipe asks for where it was mounted by hand just so", function()
    local after = read(edited(table.unpack(more 'mount { from = "lib", to = "/lib2" }')))
    local by_hand = { share = { from = "/r/lib", to = "/lib2", readonly = false } }
    assert.same({}, differences(before, after, { ["mount lib2"] = by_hand }))
    by_hand.share.readonly = true
    assert.same({ "refused + mount lib2: from: /r/lib, to: /lib2 (something else of that name was "
                  .. "plugged by hand)" }, differences(before, after, { ["mount lib2"] = by_hand }))
  end)

  it("waits for what has not gone yet", function()
    local after = read(edited(table.unpack(more 'disk { file = "data.qcow2" }')))
    assert.same({ "refused + disk data: file: /r/data.qcow2 (the one that was there has not gone "
                  .. "yet)" }, differences(before, after, { ["disk data"] = { leaves = true } }))
    for _, item in ipairs(before.items) do item.hot = item.family == "mount" or nil end
    assert.same({ "refused + mount doc: from: /r/doc, to: /doc, tag: doc (the one that was there "
                  .. "has not gone yet)" },
      differences(before, before, { ["mount doc"] = { share = {}, leaves = true } }))
  end)

  it("lets go of what came while it ran", function()
    local after = read(edited(table.unpack(more 'disk { file = "data.qcow2" }')))
    for _, item in ipairs(after.items) do item.hot = item.name == "data" or nil end
    assert.same({ "hot - disk data" }, differences(after, before, { ["disk data"] = {} }))
    assert.same({}, differences(after, before, {}))
  end)

  it("has as many CPUs as are wanted, however they came", function()
    local after = read(edited("cpus = 2,", "cpus = 4,"))
    local runs = state()
    runs.cpus = 3
    assert.same({ "cpus", 1, 4 }, change.between(before, after, runs)[1].step)
  end)
end)

describe("a function", function()
  local function made(number) return function() return number end end

  it("is the same wherever it stands, and another with what it closes over", function()
    assert.equal(digest.of(made(1)), digest.of(made(1)))
    assert.not_equal(digest.of(made(1)), digest.of(made(2)))
    local function read_from(text)
      return digest.of(assert(load(text, "@vm.lua"))(), { ["vm.lua"] = text })
    end
    assert.equal(read_from "return function() end", read_from "\n\n  return function() end")
    assert.not_equal(read_from "return function() end", read_from "return function() return end")
  end)

  it("may close over itself, and over much", function()
    local list = {}
    local function fn() return list, fn end
    for i = 1, 100000 do list[i] = { list } end
    assert.matches("^%x+%-%d+$", digest.of(fn))
  end)
end)
