-- Any bytes as a path or a name: through a recipe, a plan and a real QEMU (paused), and
-- read back from it.
local core = require "lunik.core"
local fakehost = require "support.fakehost"
local host = require "lunik.host"
local lunik = require "lunik"
local paused = require "support.paused"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

local seed = os.time()
local alphabet = { ",", ",,", "=", "\"", "'", "\\", "\n", "\t", " ", ":", "-", "{", "}", "[",
  "%", "$", "`", ";", "~", "*", "é", "\xff", "\xc3", "a", "id=evil", "file:", "json:", "fat:",
  "on", "0" }

local function random_name(least)
  local parts = {}
  for i = 1, math.random(least or 1, 8) do parts[i] = alphabet[math.random(#alphabet)] end
  return table.concat(parts)
end

-- QEMU shows what is not UTF-8 as U+FFFD: a text with each such run as one "?".
local function as_shown(text)
  local out, at = {}, 1
  while at <= #text do
    local good, bad = utf8.len(text, at)
    out[#out + 1] = text:sub(at, (good and #text + 1 or bad) - 1)
    out[#out + 1] = not good and "\u{FFFD}" or nil
    at = good and #text + 1 or bad + 1
  end
  return (table.concat(out):gsub("\u{FFFD}", "\1"):gsub("\1+", "?"))
end

local function same(wanted, got) return as_shown(got) == as_shown(wanted) end

-- A machine under TCG with everything of its runtime in `folder`.
local function plan_of(text, folder)
  local path = scratch.write(folder .. "/vm.lua", text)
  local real = setmetatable({ runtime = folder .. "/run", state = folder .. "/state",
    kvm = function() return nil, "not in this spec" end }, { __index = host })
  local plan, problems = lunik.plan(path, { host = real })
  assert(plan, plan or lunik.text(problems))
  stat.mkdir(plan.runtime)
  return plan
end

local function query(qemu, command, arguments)
  return assert(qemu.qmp:exec(command, arguments, 10))
end

describe("hostile bytes", function()
  local folder

  before_each(function()
    math.randomseed(seed)
    folder = scratch.new()
    stat.mkdir(folder .. "/run")
  end)
  after_each(function() scratch.remove(folder) end)

  it("name disks that a real QEMU opens", function()
    local names, text = {}, { "return machine {\n  memory = '64M'," }
    while #names < 60 do
      local name = random_name() .. ".raw"
      if not names[name] and not name:find("/", 1, true) then
        names[#names + 1], names[name] = name, true
        scratch.write(folder .. "/" .. name, ("\0"):rep(512))
        text[#text + 1] = ("  disk { file = %q, id = 'd%d', bus = 'scsi' },"):format(
          "./" .. name, #names)
      end
    end
    text[#text + 1] = "}\n"
    local qemu = assert(paused.start(plan_of(table.concat(text, "\n"), folder)))
    local found = {}
    for _, node in ipairs(query(qemu, "query-named-block-nodes")) do
      found[node["node-name"]] = node.file
    end
    qemu:close()
    for i, name in ipairs(names) do
      assert.is_true(same(folder .. "/" .. name, found[("d%d-file"):format(i)]),
        ("seed %d: %q became %q"):format(seed, name, found[("d%d-file"):format(i)]))
    end
  end)

  it("name sockets and logs that a real QEMU opens", function()
    local names, text = {}, { "return machine {\n  memory = '64M',\n  console {}," }
    for i = 1, 20 do
      names[i] = random_name(2):gsub("/", "") .. i
      local kind = i % 2 == 0 and "kind = 'socket', socket" or "file"
      text[#text + 1] = ("  serial { %s = %q },"):format(kind, "./" .. names[i])
    end
    -- a PC has four serial ports; the others are only backends
    local plan = plan_of(table.concat(text, "\n") .. "\n}\n", folder)
    local kept, serials = {}, 0
    for _, entry in ipairs(plan.argv) do
      serials = serials + (entry[1] == "-serial" and 1 or 0)
      if entry[1] ~= "-serial" or serials <= 4 then kept[#kept + 1] = entry end
    end
    plan.argv = kept
    local qemu = assert(paused.start(plan))
    qemu:close()
    for i, name in ipairs(names) do
      assert.equal(i % 2 == 0 and "socket" or "file", host.kind(folder .. "/" .. name),
        ("seed %d: %q"):format(seed, name))
    end
  end)

  it("are names and properties, read back unchanged", function()
    for _ = 1, 12 do
      local value = random_name()
      local plan = plan_of(([[return machine { memory = "64M",
        qemu.device { "virtio-serial-pci", id = "x" },
        qemu.device { "virtserialport", id = "port", name = %q } }]]):format(value), folder)
      for i, entry in ipairs(plan.argv) do
        if entry[1] == "-name" then plan.argv[i] = { "-name", value, implied = "guest" } end
      end
      local qemu = assert(paused.start(plan))
      local name = query(qemu, "query-name").name
      local port = query(qemu, "qom-get", { path = "/machine/peripheral/port", property = "name" })
      qemu:close()
      assert.is_true(same(value, name), ("seed %d: %q became %q"):format(seed, value, name))
      assert.is_true(same(value, port), ("seed %d: %q became %q"):format(seed, value, port))
      scratch.remove(folder .. "/run")
      stat.mkdir(folder .. "/run")
    end
  end)

  it("come back through render and parse from every kind of field", function()
    local values = { A = "/p/\xff,=\n'.raw", B = "/-x,readonly=off:", C = "/ \",\\,,",
      D = "id=evil,,\t" }
    local fake = fakehost.new()
    function fake.contents()
      return [[return machine { disk { file = env "A" },
        mount { kind = "9p", from = env "B", tag = "t" }, serial { file = env "C" },
        qemu.device { "virtio-blk-pci", serial = env "D" } }]]
    end
    function fake.kind(path)
      return (path:find "vm.lua$" or path:find "%.raw$") and "file" or "directory"
    end
    function fake.real(path) return path end
    function fake.env(name) return values[name] end
    local plan = lunik.plan("vm.lua", { dir = "/home/dev/vm", host = fake })
    local found = {}
    local list = assert(plan:command "paste")
    for i, word in ipairs(list) do
      if word == "-blockdev" or word == "-fsdev" or word == "-chardev" or word == "-device" then
        for _, pair in ipairs(core.argv.parse(list[i + 1], "first")) do
          found[pair[2] or ""] = pair[1]
        end
      end
    end
    assert.equal("filename", found[values.A])
    assert.equal("path", found[values.B])
    assert.equal("path", found[values.C])
    assert.equal("serial", found[values.D])
  end)
end)
