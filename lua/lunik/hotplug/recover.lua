-- SPDX-License-Identifier: MIT
-- Devices that are no more than half there: since a supervisor died over them, or since somebody
-- else has unplugged them. Methods of lunik.hotplug.
local unistd = require "posix.unistd"

local recover = {}

local PATIENCE = 15        -- seconds for a guest to let a device go

-- Takes back, beside everything else, a device that is no more than half there.
local function bury(self, device, because)
  device.busy, device.late = true, device.share ~= nil
  self.vm.loop:spawn("end of " .. device.id, function()
    local ok, why = self:finish(device, PATIENCE)
    device.busy = false
    if device.helper and device.helper.listen then unistd.unlink(device.helper.listen.path) end
    self.vm:tell(ok and "device" or "problem",
      ("%s: %s, and %s"):format(device.label, because, ok and "is taken back" or why))
  end)
end

-- What was just being plugged or unplugged when a supervisor died is taken back, and so is what
-- somebody else has unplugged since.
function recover:settle()
  local there = {}
  for _, each in ipairs(self.vm.monitor:exec("qom-list", { path = "/machine/peripheral" }) or {}) do
    there[each.name] = true
  end
  for _, device in ipairs(table.move(self.devices, 1, #self.devices, 1, {})) do
    local last = device.remove[#device.remove]
    local gone = last and last.execute == "device_del" and not there[last.arguments.id]
    if device.state == "plugging" or device.state == "unplugging" then
      bury(self, device, "was half done when the supervisor ended")
    elseif device.state == "plugged" and gone then
      bury(self, device, "was unplugged by somebody else")
    end
  end
end

-- A guest that boots gets again what it has lost with its daemon.
function recover:revive(device)
  if device.reviving or self.over then return end
  device.reviving = true
  self.vm.loop:spawn("again " .. device.id, function()
    local again, why = self:plug(device.family, device.fields, { quiet = true })
    device.reviving = false
    if again and device.running then device.running.replaced = true end
    self.vm:tell(again and "mount" or "problem", again
      and ("%s is there again for the guest that boots"):format(device.label)
      or ("%s is not there again: %s"):format(device.label, why))
  end)
end

-- Somebody else's device_del is noticed, and so is a reset.
function recover:hear(event)
  if event.event == "RESET" then
    for _, device in ipairs(self.devices) do
      if device.state == "dead" and device.fields then self:revive(device) end
    end
  end
  if event.event ~= "DEVICE_DELETED" then return end
  for _, device in ipairs(self.devices) do
    if device.id == event.data.device and device.state == "plugged" and not device.busy then
      return bury(self, device, "was unplugged by somebody else")
    end
  end
end

return recover
