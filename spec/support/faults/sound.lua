-- What is true of a machine that runs, whatever happened to it: each device that is listed is there
-- with all that it is made of, and nothing else is. Directories that are mounted have a file `f`
-- with "shared" in it.
local assert = require "luassert"
local scratch = require "support.scratch"
local time = require "posix.time"

local sound = {}

function sound.pause(ms)
  time.nanosleep { tv_sec = ms // 1000, tv_nsec = ms % 1000 * 1000000 }
end

local BUSY = { plugging = true, unplugging = true, waiting = true }

-- Waits until nothing comes or goes: the mounts. `lasts(mount)` says that one will stay as it is.
function sound.settled(home, name, lasts)
  local mounts
  for _ = 1, 400 do
    local busy = false
    mounts = home:json("mounts", name, "--json").mounts
    for _, one in ipairs(mounts) do
      if BUSY[one.state] and lasts and lasts(one) then return mounts end
      busy = busy or BUSY[one.state]
    end
    for _, port in ipairs(home:json("slots", name, "--json").slots) do
      busy = busy or BUSY[port.state]
    end
    if not busy then return mounts end
    sound.pause(50)
  end
  local said = {}
  for i, one in ipairs(mounts) do said[i] = one.id .. " " .. one.state end
  error("the machine does not settle: " .. table.concat(said, ", "))
end

local function qmp(home, name, command)
  return home:json("qmp", name, "--json", command)["return"]
end

-- What QEMU has behind its ports: "port id".
local function behind_ports(home, name)
  local found = {}
  for _, bus in ipairs(qmp(home, name, "query-pci")) do
    for _, device in ipairs(bus.devices) do
      for _, each in ipairs(device.pci_bridge and device.pci_bridge.devices or {}) do
        found[#found + 1] = device.qdev_id .. " " .. each.qdev_id
      end
    end
  end
  table.sort(found)
  return found
end

local function taken(home, name)
  local found = {}
  for _, port in ipairs(home:json("slots", name, "--json").slots) do
    if port.state ~= "free" and port.port then found[#found + 1] = port.port .. " " .. port.id end
  end
  table.sort(found)
  return found
end

local function chardevs(home, name)
  local count = 0
  for _, each in ipairs(qmp(home, name, "query-chardev")) do
    count = count + (each.label:find "^fs%-" and 1 or 0)
  end
  return count
end

-- The C daemon is two processes, the second one its child.
local function daemons(home, expected)
  local count = 0
  for _, each in ipairs(home:processes()) do
    count = count + (each:find "virtiofsd" and 1 or 0)
  end
  assert.is_true(count == 2 * expected or count == expected, "daemons: " .. count)
end

local function files(home, name)
  local found = {}
  for _, file in ipairs(scratch.list(home.dir .. "/run/lunik/" .. name)) do
    if file:find "^fs%-" then found[#found + 1] = file end
  end
  return found
end

-- Holds the machine against its mounts, as sound.settled has them.
function sound.check(home, name, mounts)
  local living, ports = {}, {}
  for _, one in ipairs(mounts) do
    if one.state ~= "dead" then living[#living + 1] = one end
  end
  local slots = taken(home, name)
  for _, each in ipairs(slots) do ports[each] = true end
  assert.same(slots, behind_ports(home, name))
  for _, one in ipairs(living) do assert.is_true(ports[one.port .. " " .. one.id], one.id) end
  assert.equal(#living, chardevs(home, name))
  assert.equal(#living, #home:json("status", name, "--json").helpers)
  daemons(home, #living)
  assert.same({}, files(home, name))
  local text = home:does("exec", name, "--", "sh", "-c",
                         "grep -c virtiofs /proc/self/mountinfo || true")
  assert.equal(("%d\n"):format(#living), text)
  for _, one in ipairs(living) do
    assert.equal("shared", (home:does("exec", name, "--", "cat", one.to .. "/f")))
  end
end

return sound
