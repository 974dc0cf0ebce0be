-- The files that lunik reads back of its own, in a directory of their own, each with a real text
-- and the reader that is to take any bytes; and how a text is spoilt. Both are for
-- spec/store/odd_bytes_spec.lua and fuzz/state.lua.
local child = require "lunik.process.child"
local core = require "lunik.core"
local facts = require "lunik.host.facts"
local host = require "lunik.host"
local logs = require "lunik.supervisor.logs"
local machines = require "lunik.supervisor.machines"
local overlay = require "lunik.device.disk.overlay"
local overlays = require "lunik.store.overlays"
local pointer = require "lunik.store.pointer"
local records = require "lunik.store.records"
local saved = require "lunik.hotplug.saved"
local scratch = require "support.scratch"
local snapshot = require "lunik.recipe.snapshot"
local shown = require "lunik.cli.shown"
local stat = require "posix.sys.stat"
local status = require "lunik.cli.status"
local variables = require "lunik.supervisor.variables"

local kept = {}

local function is_text(value) return value == nil or type(value) == "string" end
local function is_number(value) return value == nil or type(value) == "number" end

-- What `lunik status` prints of a machine is fit for a terminal and for JSON.
local function is_shown(name)
  for _, json in ipairs { false, true } do
    local text = ""
    local out = { write = function(_, ...) text = text .. table.concat { ... } end }
    status.run({ machine = name, json = json }, out)
    assert(not text:find "[%z\1-\9\11-\31\127]" and utf8.len(text), text)
  end
end

local function checked_record(record)
  assert(is_text(record.id) and is_text(record.step) and is_number(record.began))
  for _, one in ipairs { record.supervisor or { pid = 1 }, record.qemu or { pid = 1 } } do
    assert(math.type(one.pid) == "integer" and one.pid > 0)
  end
  for _, path in ipairs(record.temporary or {}) do assert(type(path) == "string") end
  for _, one in ipairs(record.forwards or {}) do
    assert(core.json.encode(one) and shown.forward(one))
  end
  for _, one in ipairs(record.devices or {}) do
    assert(type(one.id) == "string" and (not one.state or one.label and one.remove))
  end
  assert(record.problem or record.id and record.step and record.began and record.supervisor)
end

-- A qcow2 header with 8 MB over base.raw.
local OVERLAY = ("QFI\xfb" .. (">I4I8I4I4I8"):pack(3, 72, 8, 16, 8 << 20)):gsub("$",
  function() return ("\0"):rep(40) .. "base.raw" end)

-- A reader of what QEMU knows that remembers nothing but what is in the file.
local function anew()
  package.loaded["lunik.host.caps"] = nil
  return require "lunik.host.caps"
end

local rows = {
  { "record", "dev/vm.json", core.json.encode {
      lunik = 1, name = "dev", id = "0123456789abcdef", step = "running",
      tied = false, began = 1700000000, ready = true,
      supervisor = { pid = 12 }, qemu = { pid = 13 },
      helpers = { { name = "fs-work", pid = 14 } },
      temporary = { "/s/a.qcow2", { path_b64 = "/w==" } },
      forwards = { { name = "ssh", protocol = "tcp", address = "127.0.0.1", port = 1, guest = 22,
                     netdev = "net0" } },
      devices = { { id = "fs-work", family = "mount", label = "mount work", state = "plugged",
        remove = { { execute = "device_del", arguments = { id = "fs-work" } } } } } },
    function(dir)
      local record = records.read(dir .. "/dev")
      if record then checked_record(record) end
    end },
  { "machine", "dev/machine.json", core.json.encode {
      lunik = 1, name = "dev", began = 1700000000, recipe = "/r/vm.lua",
      set = { cpus = "2" }, variables = { { name = "HOME", set = true } },
      ended = { kind = "guest", text = "powered off", code = 0, at = 1, lines = { "a" } } },
    function()
      local found = machines.remembered "dev"
      if not found then return end
      assert(is_text(found.recipe) and is_number(found.began))
      machines.settings(found)
      is_shown "dev"
      variables.host("dev", found).env "KEPT_FILES"
    end },
  { "pointer", "dev/runtime.json", core.json.encode {
      lunik = 1, name = "dev", id = "abc", runtime = "/r/lunik/dev",
      supervisor = 12, host = facts.machine_id, hostname = facts.hostname, boot = facts.boot },
    function(dir)
      local found = pointer.read(dir .. "/dev")
      if found then assert(found.abroad or found.runtime:find "^/") end
      assert(type(machines.runtime "dev") == "string")
    end },
  { "list of mounts", "dev/mounts.json", core.json.encode {
      lunik = 1, mounts = { { from = "/src", to = "/work", tag = "work" } } },
    function(dir)
      local list = saved.read { tell = function() end,
        plan = { state = dir .. "/dev", kept = true, hotplug = { keep = true } } }
      for _, fields in ipairs(list) do assert(type(fields) == "table") end
    end },
  { "list of overlays", "dev/overlays.json", core.json.encode {
      lunik = 1, overlays = { "/s/o.qcow2", { path_b64 = "L/8=" } } },
    function(dir)
      for _, path in ipairs(overlays.read(dir .. "/dev")) do
        assert(path:find "^/" and not path:find "%z")
        overlays.look(path)
      end
    end },
  { "snapshot", "dev/snapshot", snapshot.encode {
      format = 2, plan = { name = "dev", runtime = "/r", state = "/s" },
      recipe = { path = "vm.lua", shown = "vm.lua", dir = "/r",
                 inputs = { env = { KEPT_FILES = "was" } }, set = {} } },
    function(dir)
      local found, why = snapshot.of_directory(dir .. "/dev")
      if found then assert(found.plan.name and found.recipe.inputs) else assert(is_text(why)) end
      assert(is_text(variables.host("dev", {}).env "KEPT_FILES"))
    end },
  { "memory of an overlay's base", "dev/o.qcow2.base", core.json.encode {
      format = "raw", virtual = 8 << 20, bytes = 8 << 20, mtime = 1, inode = 1 },
    function(dir)
      local disk = { id = "o", overlay = dir .. "/dev/o.qcow2", file = dir .. "/dev/base.raw",
                     format = "raw" }
      local ok, field, why = overlay.check(disk, host)
      assert(ok or type(field) == "string" and type(why) == "string")
      assert(is_text(disk.doubt))
    end },
  -- its name, and a real text, are what the cache made of an answer
  { "cache of what QEMU knows", nil, nil,
    function(dir)
      local found, why = anew()(dir .. "/qemu")
      if not found then return assert(is_text(why)) end
      for name, row in pairs(found:properties("device", "virtio-net-pci") or {}) do
        assert(type(name) == "string" and type(row[2]) == "string")
      end
      for _, name in ipairs(found:names "device") do assert(type(name) == "string") end
    end },
  { "log", "dev/console.log", "one\ntwo\r\n\27[0mthree",
    function(dir)
      local log = logs.list(dir .. "/dev", "serial")[1]
      local lines = log and logs.tail(log, 20) or {}
      assert(#lines <= 20)
      for _, line in ipairs(lines) do assert(not line:find "\n") end
      setmetatable({ log = dir .. "/dev/console.log", began = 0 }, child):last_lines(5)
    end },
}

kept.files = {}
for i, row in ipairs(rows) do
  kept.files[i] = { name = row[1], file = row[2], real = row[3], read = row[4] }
end

-- What QEMU would answer, once; a cache that is not believed asks again, and nobody is there.
local function answered_once()
  local asked = false
  return function()
    if asked then return nil, "not asked" end
    asked = true
    return { { "device", "virtio-net-pci", { { "virtio-net-pci", "PCI", "both", "yes", "" },
      { "addr", "slot", "-1", "", "a slot" }, { "mac", "str", "", "", "" } } } }
  end
end

local function fill_cache(dir)
  package.loaded["lunik.host.caps.gather"] = answered_once()
  assert(anew()(dir .. "/qemu"))
  for _, row in ipairs(kept.files) do
    if row.name:find "^cache" then
      local name = scratch.list(dir .. "/cache")[1]
      row.file, row.real = "cache/" .. name, scratch.read(dir .. "/cache/" .. name)
    end
  end
end

-- Has lunik keep its files in `dir`: a function that lets it keep them where it did.
function kept.enter(dir)
  local before = {}
  for name, value in pairs { state = dir, runtime = dir, cache = dir .. "/cache" } do
    before[name] = facts[name]
    facts[name], host[name] = value, value
  end
  local env = facts.env
  facts.env = function(name) return name == "LUNIK_QEMU" and dir .. "/qemu" or env(name) end
  for _, name in ipairs { "dev", "cache" } do stat.mkdir(dir .. "/" .. name, 448) end
  for name, text in pairs { ["qemu"] = "", ["dev/o.qcow2"] = OVERLAY, ["dev/base.raw"] = "" } do
    scratch.write(dir .. "/" .. name, text)
  end
  fill_cache(dir)
  return function()
    for name, value in pairs(before) do facts[name], host[name] = value, value end
    facts.env, package.loaded["lunik.host.caps.gather"] = env, nil
  end
end

-- JSON values that have no business anywhere.
local ODD = { "null", "[]", "{}", "5", "-1", "1e308", "true", '""', '"x"', '{"path_b64":5}',
  '{"path_b64":"%"}', '[null]', '[[[[]]]]', '{"pid":"x"}', '{"pid":-1}', '"\\u0000"',
  "18446744073709551615", "1.5", '{"":{}}',
  '{"path_b64":"/w=="}', '{"path_b64":"Gw=="}', "[5,{},null]", '[["]]', "()", "(0/0)" }

local WHOLE = { "", "{", "}", "null", "[]", "{}", '"', "5", "true", "\0", "\xff\xfe", "return {}",
  ("["):rep(5000), ("{"):rep(5000), '{"lunik":2}', '{"lunik":"1"}', '{"lunik":1}', "\27Lua",
  ("x"):rep(5000), ("\n"):rep(5000) }

local function bytes(random)
  local out = {}
  for i = 1, random(0, 40) do out[i] = string.char(random(0, 255)) end
  return table.concat(out)
end

local ways = {
  bytes,
  function(random) return WHOLE[random(#WHOLE)] end,
  function(random, text) return text:sub(1, random(0, #text)) end,
  function(random, text)
    local at = random(math.max(1, #text))
    return text:sub(1, at - 1) .. bytes(random) .. text:sub(at + random(0, 5))
  end,
  -- one value becomes another
  function(random, text)
    local places = {}
    for at in text:gmatch "[:=,%[]()" do places[#places + 1] = at end
    if #places == 0 then return text end
    local at = places[random(#places)]
    local rest = text:sub(at)
    local stop = rest:match '^"[^"]*"()' or rest:match "^[^,%]}]*()"
    return text:sub(1, at - 1) .. ODD[random(#ODD)] .. rest:sub(stop)
  end,
}

-- A text as somebody may have spoilt it: `random` is as math.random.
function kept.spoil(random, text) return ways[random(#ways)](random, text) end

return kept
