-- Every project of a folder in the guest, as it comes and goes:
--
--   SRC=~/src lunik up examples/projects/vm.lua
--   mkdir ~/src/new            a moment later it is at /src/new in the guest
local projects = require "lunik.ext.projects"
local guest = "../../build/guest/"

return machine {
  name = "projects",
  cpus = 2,
  memory = "1G",

  disk { file = env "IMAGE" or guest .. "disk.qcow2", overlay = true },
  nic { forward = { ssh = 22 } },
  agent {},
  ssh { user = "root", key = env "KEY" or guest .. "id_ed25519" },

  hotplug {
    ports = 32,
    mount = function(_, m)               -- a policy: only what lies in there, and never secrets
      if m.real:find "/%.ssh" then return nil, "not that" end
      return m
    end,
  },
  projects { from = env "SRC" or "..", to = "/src" },
}
