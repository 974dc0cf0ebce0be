-- A machine to be cloned: it is booted and prepared once, saved, and then doubled in a fraction of
-- a boot. sandbox.lua runs a command in a clone that has one folder of yours; matrix_spec.lua has a
-- clone for each case of a matrix of tests.
--
--   lunik up examples/clones/vm.lua && lunik save warm ~/warm
--   lua5.4 examples/clones/sandbox.lua ~/warm ~/task sh -c 'cd /work && ./build.sh >log'
--   WARM=~/warm busted examples/clones/matrix_spec.lua
local guest = "../../build/guest/"

return machine {
  name = "warm",
  memory = { size = "256M", kept = true },
  disk { file = env "IMAGE" or guest .. "disk.qcow2", overlay = true },
  hotplug { ports = 2 },
  agent {},
  life = "10m",                  -- of each clone: none is forgotten
  -- no nic {}: nothing to talk to
}
