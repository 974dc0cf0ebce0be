-- Any bytes in any file that lunik reads back: no reader raises, and none hands on what has not the
-- form that its callers expect.
local core = require "lunik.core"
local facts = require "lunik.host.facts"
local machines = require "lunik.supervisor.machines"
local pointer = require "lunik.store.pointer"
local records = require "lunik.store.records"
local saved = require "lunik.hotplug.saved"
local scratch = require "support.scratch"
local snapshot = require "lunik.recipe.snapshot"
local stat = require "posix.sys.stat"

local ROUNDS = 10000
local SEED = tonumber(os.getenv "SEED") or 20

-- Real files, for the fuzzer to spoil.
local REAL = {
  record = core.json.encode { lunik = 1, name = "dev", id = "0123456789abcdef", step = "running",
    tied = false, began = 1700000000, ready = true, supervisor = { pid = 12 }, qemu = { pid = 13 },
    helpers = { { name = "fs-work", pid = 14 } },
    temporary = { "/s/a.qcow2", { path_b64 = "/w==" } },
    forwards = { { name = "ssh", protocol = "tcp", address = "127.0.0.1", port = 1, guest = 22,
                   netdev = "net0" } },
    devices = { { id = "fs-work", family = "mount", label = "mount work", state = "plugged",
                  remove = { { execute = "device_del", arguments = { id = "fs-work" } } } } } },
  machine = core.json.encode { lunik = 1, name = "dev", began = 1700000000, recipe = "/r/vm.lua",
    set = { cpus = "2" }, ended = { kind = "guest", text = "powered off", code = 0, at = 1,
                                    lines = { "a" } } },
  pointer = core.json.encode { lunik = 1, name = "dev", id = "abc", runtime = "/r/lunik/dev",
    supervisor = 12, host = facts.machine_id, hostname = facts.hostname, boot = facts.boot },
  mounts = core.json.encode { lunik = 1,
    mounts = { { from = "/src", to = "/work", tag = "work" } } },
  snapshot = snapshot.encode { format = 2, plan = { name = "dev", runtime = "/r", state = "/s" },
    recipe = { path = "vm.lua", shown = "vm.lua", dir = "/r", inputs = { env = {} }, set = {} } },
}

-- JSON values that have no business anywhere.
local ODD = { "null", "[]", "{}", "5", "-1", "1e308", "true", '""', '"x"', '{"path_b64":5}',
  '{"path_b64":"%"}', '[null]', '[[[[]]]]', '{"pid":"x"}', '{"pid":-1}', '"\\u0000"',
  "18446744073709551615", '{"":{}}', "[5,{},null]" }

local WHOLE = { "", "{", "}", "null", "[]", "{}", '"', "5", "true", "\0", "\xff\xfe", "return {}",
  ("["):rep(5000), ("{"):rep(5000), '{"lunik":2}', '{"lunik":"1"}', '{"lunik":1}', "\27Lua" }

local function bytes(random)
  local out = {}
  for i = 1, random(0, 40) do out[i] = string.char(random(0, 255)) end
  return table.concat(out)
end

local spoil = {
  bytes,
  function(random) return WHOLE[random(#WHOLE)] end,
  function(random, text) return text:sub(1, random(0, #text)) end,
  function(random, text)
    local at = random(#text)
    return text:sub(1, at - 1) .. bytes(random) .. text:sub(at + random(0, 5))
  end,
  -- one value becomes another
  function(random, text)
    local places = {}
    for at in text:gmatch "[:,%[]()" do places[#places + 1] = at end
    if #places == 0 then return text end
    local at = places[random(#places)]
    local rest = text:sub(at)
    local stop = rest:match '^"[^"]*"()' or rest:match "^[^,%]}]*()"
    return text:sub(1, at - 1) .. ODD[random(#ODD)] .. rest:sub(stop)
  end,
}

local function is_text(value) return value == nil or type(value) == "string" end
local function is_number(value) return value == nil or type(value) == "number" end

local function checked_record(record)
  assert(is_text(record.id) and is_text(record.step) and is_number(record.began))
  for _, one in ipairs { record.supervisor or { pid = 1 }, record.qemu or { pid = 1 } } do
    assert(math.type(one.pid) == "integer" and one.pid > 0)
  end
  for _, path in ipairs(record.temporary or {}) do assert(type(path) == "string") end
  for _, one in ipairs(record.forwards or {}) do assert(one.name and one.port and one.guest) end
  for _, one in ipairs(record.devices or {}) do
    assert(type(one.id) == "string" and (not one.state or one.label and one.remove))
  end
  assert(record.problem or record.id and record.step and record.began and record.supervisor)
end

describe("any bytes", function()
  local dir, before
  setup(function()
    dir = scratch.new()
    before = facts.state
    facts.state = dir
    require "lunik.host".state = dir
    stat.mkdir(dir .. "/dev", 448)
  end)
  teardown(function()
    facts.state, require "lunik.host".state = before, before
    scratch.remove(dir)
  end)

  local readers = {
    record = { "vm.json", function(folder)
      local record = records.read(folder)
      if record then checked_record(record) end
    end },
    machine = { "machine.json", function()
      local found = machines.remembered "dev"
      if not found then return end
      assert(is_text(found.recipe) and is_number(found.began))
      machines.settings(found)
      if found.ended then assert(found.ended.text and found.ended.kind) end
    end },
    pointer = { "runtime.json", function(folder)
      local found = pointer.read(folder)
      if found then assert(found.abroad or found.runtime:find "^/") end
      assert(type(machines.runtime "dev") == "string")
    end },
    mounts = { "mounts.json", function(folder)
      local list = saved.read { tell = function() end,
        plan = { state = folder, kept = true, hotplug = { keep = true } } }
      for _, fields in ipairs(list) do assert(type(fields) == "table") end
    end },
    snapshot = { "snapshot", function(folder)
      local kept = snapshot.restore(scratch.read(folder .. "/snapshot"))
      if kept then assert(kept.plan.name and kept.recipe.inputs) end
    end },
  }

  for name, reader in pairs(readers) do
    it(("are read as a %s without harm #thorough"):format(name), function()
      math.randomseed(SEED)
      local folder = dir .. "/dev"
      for round = 1, ROUNDS do
        local text = spoil[round % #spoil + 1](math.random, REAL[name])
        os.remove(folder .. "/" .. reader[1])   -- a file that is emptied is flushed to the disk
        scratch.write(folder .. "/" .. reader[1], text)
        local ok, why = xpcall(reader[2], debug.traceback, folder)
        assert(ok, ("SEED=%d, round %d: %q\n%s"):format(SEED, round, text, why))
      end
    end)

    it(("are not there where the %s is a folder or a link to nowhere"):format(name), function()
      local path = dir .. "/dev/" .. reader[1]
      os.remove(path)
      if name ~= "snapshot" then
        reader[2](dir .. "/dev")
        stat.mkdir(path, 448)
        reader[2](dir .. "/dev")
        os.remove(path)
      end
    end)
  end

  it("leave what is as it should be whole", function()
    local folder = dir .. "/dev"
    for name, reader in pairs(readers) do scratch.write(folder .. "/" .. reader[1], REAL[name]) end
    local record = records.read(folder)
    assert.same({ nil, "fs-work", "\xff", "ssh" }, { record.problem, record.devices[1].id,
                record.temporary[2], record.forwards[1].name })
    assert.same({ "/r/vm.lua", "powered off" },
                { machines.remembered "dev".recipe, machines.remembered "dev".ended.text })
    assert.equal("/r/lunik/dev", machines.runtime "dev")
    assert.equal("dev", snapshot.restore(REAL.snapshot).plan.name)
  end)

  it("run nothing as a snapshot, and take no time", function()
    for _, text in ipairs { "(function() while true do end end)()", "{('x'):rep(1<<40)}",
      '{("x"):rep(1<<40)}', "{} .. {}", '{a = "' .. ("x"):rep(100) .. '\\"}', "{goto a ::a::}" } do
      assert.is_nil((snapshot.restore(text)), text)
    end
  end)

  it("say which version wrote a record that cannot be read", function()
    scratch.write(dir .. "/dev/vm.json", '{"lunik":2,"id":"abc","qemu":{"pid":7}}')
    local record = records.read(dir .. "/dev")
    assert.same({ "abc", 7, "vm.json: it was written by another version of lunik" },
                { record.id, record.qemu.pid, record.problem })
  end)
end)
