-- What QEMU and the guest say when something is to go, and what that means.
local delete = require "lunik.hotplug.delete"
local errno = require "posix.errno"
local loop = require "lunik.async.loop"
local qemu_error = require "lunik.hotplug.qemu_error"

describe("what is to be deleted", function()
  -- Takes `commands` back from a QEMU that gives these answers: { value } or { nil, why, class }.
  local function run(answers, commands, hear)
    local l <close> = loop.new()
    local asked, result = {}, nil
    local context = { loop = l, leaving = {}, monitor = { exec = function(_, command)
      asked[#asked + 1] = command
      return table.unpack(table.remove(answers, 1) or { nil, "no more answers", "GenericError" },
                          1, 3)
    end } }
    l:run(function()
      if hear then
        l:spawn("events", function()
          for _, event in ipairs(hear) do delete.hear(context, event) end
        end)
      end
      result = table.pack(delete.commands(context, commands, 0.05))
    end)
    return asked, result
  end

  local function commands(...)
    local list = {}
    for i, name in ipairs { ... } do list[i] = { execute = name, arguments = { id = "d" } } end
    return list
  end

  it("is deleted last first, and what is not there is as good as deleted", function()
    local list = commands("object-del", "chardev-remove", "device_del")
    local asked, result = run({ { nil, "Device 'd' not found", "DeviceNotFound" },
                                { nil, "Chardev 'd' not found", "GenericError" }, { {} } }, list)
    assert.same({ "device_del", "chardev-remove", "object-del" }, asked)
    assert.same({ true, n = 1 }, result)
    assert.same({}, list)
  end)

  it("has gone when QEMU says so, not when it has taken the request", function()
    local asked, result = run({ { {} } }, commands "device_del",
                              { { event = "DEVICE_DELETED", data = { device = "d" } } })
    assert.same({ "device_del" }, asked)
    assert.same({ true, n = 1 }, result)
  end)

  it("stays when the guest refuses, and when it does not answer", function()
    local list = commands "device_del"
    local _, result = run({ { {} } }, list, { { event = "ACPI_DEVICE_OST", data = {
      info = { device = "d", source = 3, status = 1 } } } })
    assert.same({ nil, "the guest refuses (ACPI status 1)", "refused", n = 3 }, result)
    _, result = run({ { {} }, { {} } }, list)
    assert.same({ nil, "the guest does not let go of it within 0.05 seconds", errno.ETIMEDOUT,
                  n = 3 }, result)
    assert.equal(1, #list)
  end)

  it("is asked for again while something uses it", function()
    local asked, result = run({ { nil, "Node d is in use", "GenericError" },
                                { nil, "Chardev 'd' is busy", "GenericError" }, { {} } },
                              commands "blockdev-del")
    assert.equal(3, #asked)
    assert.same({ true, n = 1 }, result)
  end)

  it("is not waited for when QEMU has gone", function()
    local _, result = run({ { nil, "monitor: closed", errno.EPIPE } }, commands "device_del")
    assert.same({ nil, "monitor: closed", errno.EPIPE, n = 3 }, result)
  end)

  it("is heard of in three ways", function()
    local heard = {}
    for i, event in ipairs {
      { event = "DEVICE_DELETED", data = { device = "d" } },
      { event = "DEVICE_UNPLUG_GUEST_ERROR", data = { device = "d" } },
      { event = "MEM_UNPLUG_ERROR", data = { device = "d", msg = "no" } },
      { event = "ACPI_DEVICE_OST", data = { info = { device = "d", source = 3, status = 132 } } },
      { event = "ACPI_DEVICE_OST", data = { info = { device = "d", source = 1, status = 1 } } },
      { event = "DEVICE_DELETED", data = { path = "/machine/x" } },
      { event = "RESET" },
    } do
      local id, refused = delete.news(event)
      heard[i] = ("%s %s"):format(id, refused)
    end
    assert.same({ "d nil", "d the guest refuses", "d no", "nil nil", "nil nil", "nil nil",
                  "nil nil" }, heard)
  end)

  it("is judged by QEMU's class where there is one", function()
    assert.is_true(qemu_error.is_gone("anything", "DeviceNotFound"))
    assert.is_false(qemu_error.is_gone("Chardev 'd' is busy", "GenericError"))
    assert.is_false(qemu_error.is_gone(nil, nil))
    assert.is_true(qemu_error.is_pending "Device d is already in the process of unplug")
  end)
end)
