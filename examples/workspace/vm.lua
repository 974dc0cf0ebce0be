-- A workspace: a throw-away machine with a project of the host inside, reachable by ssh,
-- with 16 free slots for more.
--
--   lunik up examples/workspace/vm.lua                       the small guest of `make guest`
--   IMAGE=debian-13.qcow2 WORK=~/src lunik up examples/workspace/vm.lua
local guest = "../../build/guest/"

return machine {
  name = "workspace",
  cpus = 2,
  memory = "1G",

  disk { file = env "IMAGE" or guest .. "disk.qcow2", overlay = true },
  nic { forward = { ssh = 22 } },
  mount { from = env "WORK" or ".", to = "/work" },
  hotplug { ports = 16 },
  agent {},
  ssh { user = "root", key = env "KEY" or guest .. "id_ed25519" },

  on("ready", function(vm)
    print("ready: ssh is on port " .. vm:forward "ssh")
  end),
}
