-- A security key, or whatever is named here, goes to the guest when it is plugged into the host:
--
--   DEVICE=1050:0407 lunik up examples/usb/vm.lua
local usb_devices = require "lunik.ext.usb_devices"
local guest = "../../build/guest/"

return machine {
  name = "usb",
  cpus = 2,
  memory = "1G",

  disk { file = env "IMAGE" or guest .. "disk.qcow2", overlay = true },
  nic { forward = { ssh = 22 } },
  ssh { user = "root", key = env "KEY" or guest .. "id_ed25519" },

  hotplug { usb = true },
  usb_devices { env "DEVICE" or "1050:0407" },
}
