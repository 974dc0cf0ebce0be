-- Plans written by hand, in a scratch directory: what launch is told in its specs.
local core = require "lunik.core"
local plan = require "lunik.plan"
local run = require "support.run"
local unistd = require "posix.unistd"

local plans = {}

local function find(names)
  for _, path in ipairs(names) do
    if unistd.access(path, "x") == 0 then return path end
  end
  error("none of these is here: " .. table.concat(names, ", "))
end

plans.virtiofsd = find { "/usr/libexec/virtiofsd", "/usr/lib/qemu/virtiofsd" }

-- A monitor on a descriptor, as lunik.plan writes it.
local function monitor(path)
  return { "-chardev", "socket", "id", "lunik-monitor",
           { fd = "lunik-monitor", paste = { "path", path, "server", true, "wait", false },
             live = { "fd", "%d", "server", true, "wait", false } } },
         { "-mon", "lunik-monitor", "mode", "control" }
end

-- A machine without a machine: QEMU is up in 15 ms.
function plans.new(dir, fields)
  local runtime = dir .. "/run/t"
  local chardev, mon = monitor(runtime .. "/monitor.sock")
  local new = {
    name = "t", arch = "x86_64", binary = "qemu-system-x86_64", runtime = runtime,
    state = dir .. "/state/t",
    argv = { "-nodefaults", "-machine", "none", "-display", "none" },
    control = { chardev, mon, "-S" },
    descriptors = {
      { name = "lunik-monitor", kind = "listen", path = runtime .. "/monitor.sock" },
      { name = "machine-lock", kind = "lock", path = runtime .. "/machine.lock" } },
    files = {}, helpers = {}, qmp = {}, forwards = {}, guest = { mounts = {} },
    logs = { qemu = runtime .. "/qemu.log" }, ready = { kind = "qmp" },
    stop = { powerdown = 0.05, quit = 5, term = 5 }, notes = {},
  }
  for key, value in pairs(fields or {}) do new[key] = value end
  return setmetatable(new, plan)
end

-- The arguments of a machine that can hold a vhost-user device.
function plans.pc()
  return { "-nodefaults", "-display", "none", { "-machine", "q35", "memory-backend", "mem" },
           { "-object", "memory-backend-memfd", "id", "mem", "size", "64M", "share", true } }
end

-- Adds a mount by virtiofsd; `helper` overrides fields of the helper.
function plans.share(into, name, from, helper)
  local runtime = into.runtime
  local row = { name = name, kind = "virtiofsd",
    argv = { plans.virtiofsd, "-f", "-o", "source=" .. runtime .. "/export", "--fd=3" },
    listen = { fd = 3, path = ("%s/%s.sock"):format(runtime, name) },
    share = { from = from, at = runtime .. "/export" },
    log = ("%s/%s.log"):format(runtime, name), means = "the mount is dead" }
  for key, value in pairs(helper or {}) do row[key] = value end
  table.insert(into.helpers, row)
  table.insert(into.descriptors, { name = name, kind = "connect", helper = name })
  table.insert(into.argv, { "-chardev", "socket", "id", name,
                            { fd = name, paste = { "path", row.listen.path },
                              live = { "fd", "%d" } } })
  table.insert(into.argv, { "-device", "vhost-user-fs-pci", "id", name, "chardev", name,
                            "tag", name, "queue-size", 1024 })
  return into
end

-- What such a QEMU does until it is told to let the guest run, and then `acts`.
function plans.told(acts)
  local all = { { "greet" }, { "hear", "query-status" }, { "return" },
    { "hear", "query-memory-size-summary" }, { "return" }, { "hear", "query-cpus-fast" },
    { "return" }, { "hear", "cont" } }
  return table.move(acts, 1, #acts, #all + 1, all)
end

-- A plan whose QEMU is spec/support/fake_qemu.lua, doing `acts`.
function plans.fake(dir, acts, fields)
  local new = plans.new(dir, fields)
  new.binary = run.interpreter
  new.argv = { "-e", ("package.cpath = %q package.path = %q"):format(package.cpath, package.path),
               "spec/support/fake_qemu.lua", core.json.encode(core.json.array(acts)) }
  return new
end

return plans
