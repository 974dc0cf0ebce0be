-- Requests to plug something, as anybody may send them over a control socket: whatever they hold,
-- the answer is an item or a reason.
local device = require "lunik.device"
local request = require "lunik.hotplug.request"

local WRONG = { true, false, 0, -1, 1.5, 1 << 62, math.huge, 0 / 0, "", "x", ("y"):rep(5000),
  "a\0b", "\xff\xfe", "/", "/etc/passwd", "..", "1:1", "1:1:1", "99999999999:1",
  {}, { 1 }, { a = 1 },
  { { {} } }, { bytes = 1 }, { bytes = -1 }, { fd = 1 }, { path_b64 = 1 }, function() end }

describe("a request", function()
  local function context()
    return { plan = { name = "t", needs = { shared_memory = true, scsi = true,
                                                        usb = true, grow_memory = 1 << 30,
                                                        grow_cpus = 4 } },
      policies = {},
      monitor = { exec = function(_, command)
        if command == "device-list-properties" then
          return { { name = "addr", type = "int32", description = "Slot and optional function" },
                   { name = "serial", type = "str" } }
        end
        return nil, "not here", "GenericError"
      end } }
  end

  local function survives(family, fields, options)
    local shown = ("%s %s"):format(tostring(family), next(fields) or "")
    local ok, item, why = xpcall(request.read, debug.traceback, context(), family, fields,
                                 options or {})
    assert(ok, ok or shown .. ": " .. tostring(item))
    if item then return assert.equal("table", type(item.row), shown) end
    assert.equal("string", type(why), shown)
    assert.is_truthy(utf8.len(why), shown)
  end

  it("survives every wrong value in every field", function()
    for _, family in ipairs(device.families) do
      for _, kind in ipairs(device.family(family).kinds) do
        for _, row in ipairs(device.row(family, kind).known) do
          for _, value in ipairs(WRONG) do
            survives(family, { kind = kind, [row[1]] = value })
            if type(value) == "string" then
              survives(family, { kind = kind, [row[1]] = value }, { text = true, dir = "/tmp" })
            end
          end
        end
      end
    end
  end)

  it("reads forwards from a command line", function()
    local function forwards(text)
      return request.read(context(), "nic", { forward = text }, { text = true })
    end
    local function one(name, address, port, guest, protocol)
      return { name = name, address = address, port = port, guest = guest, protocol = protocol }
    end
    assert.same({ one("8080", "127.0.0.1", 8080, 80, "tcp") }, forwards "8080:80".forward)
    assert.same({ one("2222", "0.0.0.0", 2222, 22, "tcp"), one("dns", "127.0.0.1", 0, 53, "udp") },
                forwards "dns=53/udp,0.0.0.0:2222:22".forward)
    for _, text in ipairs { "80", "", "8080:80,", "8080:80,8080:81", "a:b", "1.2:3:4", "x=y" } do
      local item, why = forwards(text)
      assert.is_nil(item, text)
      assert.matches("^nic.forward: ", why)
    end
    assert.equal("nic.forward: NAME=GUEST-PORT or [ADDRESS:]PORT:GUEST-PORT, each name or port "
      .. "once, perhaps /udp, commas between, expected, got '80'", select(2, forwards "80"))
  end)

  it("for more memory than there is room for says what would be room enough", function()
    local there = context()
    there.plan.memory = 512 << 20
    there.monitor.exec = function()
      return { { type = "dimm", data = { size = 128 << 20 } }, "junk", { data = { size = "x" } },
               { type = "virtio-mem", data = { size = 0, ["max-size"] = 256 << 20 } } }
    end
    local function room(size)
      return select(2, request.read(there, "memory", { size = size }, {}))
    end
    assert.is_nil(room "128M")
    assert.equal('memory: 256M more than 896M is beyond the 1G that the machine may grow to: '
      .. 'hotplug { memory = "1152M" } makes room for it', room "256M")
  end)

  it("survives wrong families, kinds, names and ports", function()
    for _, value in ipairs(WRONG) do
      survives(value, {})
      survives("mount", { kind = value })
      survives("mount", { port = value, from = "/tmp" })
      if type(value) ~= "number" or value == value then survives("disk", { [value] = 1 }) end
    end
  end)

  it("survives wrong arguments of QEMU's own", function()
    for _, name in ipairs { "device", "chardev", "object", "netdev", "blockdev" } do
      for _, key in ipairs { "driver", "id", "backend", "type", "qom-type", "serial", "node-name",
                             "a.b", 1, 2 } do
        for _, value in ipairs(WRONG) do survives(name, { [key] = value }) end
      end
    end
  end)
end)
