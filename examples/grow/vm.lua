-- A guest that begins small, and gets memory while it runs short of it:
--
--   lunik up examples/grow/vm.lua
--   lunik exec grow free -m
local grow = require "lunik.ext.grow"
local guest = "../../build/guest/"

return machine {
  name = "grow",
  cpus = 2,
  memory = "512M",

  disk { file = env "IMAGE" or guest .. "disk.qcow2", overlay = true },
  agent {},

  hotplug { memory = "4G" },             -- the upper bound; the lower one is what it begins with
  grow { step = "256M", every = "2s", short = 25, plenty = 60 },
}
