-- SPDX-License-Identifier: MIT
-- QEMU's guest agent (qemu-ga) over a virtio serial port.
local kind = require "lunik.schema.kind"
local qemu = require "lunik.qemu"

local agent = {
  doc = "qemu-ga over virtio-serial",
  fields = {
    { "channel", kind = kind.string, default = "org.qemu.guest_agent.0",
      example = 'channel = "org.example.agent.0"',
      doc = "the port's name in the guest" },
  },
  needs = function() return { virtio_serial = true } end,
  fork = "new",
}

function agent.emit(plan, device)
  local path = plan:runtime_file "agent.sock"
  plan:descriptor { name = "agent", kind = "listen", path = path }
  plan:add(qemu.chardev { "socket", id = "agent",
    path = qemu.descriptor("agent", { "path", path, "server", true, "wait", false },
      { "fd", "%d", "server", true, "wait", false }) })
  plan:add(qemu.device { "virtserialport", id = "agent", chardev = "agent", name = device.channel })
  plan:guest_agent { path = path, device = "agent" }
end

return agent
